import { Effect, Layer } from "effect"
import { makeAppLayer } from "../../src/AppLayer"
import { Users } from "../../src/domain/identity/Users"
import type { NewUser } from "../../src/domain/identity/Users/Model"
import type { Actor, Role } from "../../src/domain/shared/Actor"
import { SessionId } from "../../src/domain/shared/Actor"
import { configProviderFromEnv } from "../../src/domain/shared/ConfigHelpers"
import { IdGenerator } from "../../src/domain/shared/Ids"
import * as Database from "./Database"
import { Provider } from "./Provider"
import { temporaryFolder } from "./TemporaryFolder"

/** Settings that every test goes by unless it says otherwise. */
const testConfig = {
  JWT_SECRET: "a secret that only the tests know, long enough",
  DEFAULT_MODEL: "openai/scripted",
  LLM_MAX_RETRIES: "0",
  RATE_LIMITS: "off",
}

/** These settings and nothing of the machine's own; models answer from the scripted provider. */
export const configLayer = (settings: Record<string, string> = {}) =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      const { url } = yield* Provider
      const all = { ...testConfig, OPENAI_BASE_URL: url, DATA_DIR: yield* temporaryFolder, ...settings }
      return Layer.setConfigProvider(configProviderFromEnv(all))
    }),
  )

/** The whole domain on a fresh database, with the scripted provider behind the real adapter. */
export const layer = (settings?: Record<string, string>) =>
  makeAppLayer(Database.layer).pipe(Layer.provide(configLayer(settings)), Layer.provideMerge(Provider.layer))

let count = 0

/** A user of their own for a test, as someone who is signed in. */
export const newActor = Effect.fn("test.newActor")(function* (
  role: Role = "user",
  input: Partial<NewUser> = {},
) {
  const users = yield* Users
  const ids = yield* IdGenerator
  const person = {
    email: `user${++count}@example.com`,
    password: "yourPassword",
    name: "Test User",
    ...input,
  }
  const user = yield* role === "admin" ? users.createAdmin(person) : users.register(person)
  const actor: Actor = { userId: user.id, sessionId: SessionId.make(yield* ids.generate), role }
  return actor
})
