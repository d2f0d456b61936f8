import { Effect, Layer } from "effect"
import { makeAppLayer } from "../../src/AppLayer"
import { Users } from "../../src/domain/identity/Users"
import type { NewUser } from "../../src/domain/identity/Users/Model"
import type { Actor, Role } from "../../src/domain/shared/Actor"
import { SessionId } from "../../src/domain/shared/Actor"
import { configProviderFromEnv } from "../../src/domain/shared/ConfigHelpers"
import { IdGenerator } from "../../src/domain/shared/Ids"
import * as Database from "./Database"
import { Provider } from "./ScriptedProvider"
import { temporaryFolder } from "./TemporaryFolder"

/** The default settings of every test. */
const testConfig = {
  JWT_SECRET: "a secret that only the tests know, long enough",
  DEFAULT_MODEL: "openai/scripted",
  LLM_MAX_RETRIES: "0",
  RATE_LIMITS: "off",
}

/** Provides these settings, isolated from the environment; models are served by the scripted provider. */
export const configLayer = (settings: Record<string, string> = {}) =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      const { url } = yield* Provider
      const all = { ...testConfig, OPENAI_BASE_URL: url, DATA_DIR: yield* temporaryFolder, ...settings }
      return Layer.setConfigProvider(configProviderFromEnv(all))
    }),
  )

/** Provides the whole domain on a fresh database, with the scripted provider behind the real adapter. */
export const layer = (settings?: Record<string, string>) =>
  makeAppLayer(Database.layer).pipe(Layer.provide(configLayer(settings)), Layer.provideMerge(Provider.layer))

let userCount = 0

/** Creates a user with a unique email address. Returns a signed-in actor. */
export const newActor = Effect.fn("test.newActor")(function* (
  role: Role = "user",
  input: Partial<NewUser> = {},
) {
  const users = yield* Users
  const ids = yield* IdGenerator
  const newUser = {
    email: `user${++userCount}@example.com`,
    password: "yourPassword",
    name: "Test User",
    ...input,
  }
  const user = yield* role === "admin" ? users.createAdmin(newUser) : users.register(newUser)
  const actor: Actor = { userId: user.id, sessionId: SessionId.make(yield* ids.generate), role }
  return actor
})
