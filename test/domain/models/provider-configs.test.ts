import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Layer, Redacted } from "effect"
import { ProviderConfigs } from "../../../src/domain/models/ProviderConfigs"
import { ApiKeyUnreadable } from "../../../src/domain/models/ProviderConfigs/Errors"
import type { Actor } from "../../../src/domain/shared/Actor"
import { configProviderFromEnv } from "../../../src/domain/shared/ConfigHelpers"
import { SecretBox } from "../../../src/domain/shared/SecretBox"
import * as AesSecretBox from "../../../src/infra/crypto/SecretBox"
import { layer } from "../../support/it"
import * as TestLayer from "../../support/testLayer"

const previous = "the secret before the one that is configured now"
const apiKey = "sk-only-jane-knows"

/** Configures a provider with a key that is stored as if it was encrypted before the secret was changed. */
const storeOldKey = (actor: Actor) =>
  Effect.gen(function* () {
    const configs = yield* ProviderConfigs
    yield* configs.create(actor, { provider: "openai", apiKey: Redacted.make(apiKey) })
    const settings = Layer.setConfigProvider(configProviderFromEnv({ JWT_SECRET: previous }))
    const box = yield* Effect.provide(SecretBox, Layer.provide(AesSecretBox.layer, settings))
    const owner = { userId: actor.userId, purpose: "api key of openai" }
    yield* replaceKey(actor, yield* box.seal(Redacted.make(apiKey), owner))
  })

const replaceKey = ({ userId }: Actor, sealed: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`update provider_configs set api_key = ${sealed} where user_id = ${userId}`,
  )

const storedKey = ({ userId }: Actor) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ key: string }>`
      select api_key as key from provider_configs where user_id = ${userId}`
    return rows[0]?.key ?? ""
  })

const selectedKey = (actor: Actor) =>
  Effect.gen(function* () {
    const { account } = yield* (yield* ProviderConfigs).select(actor, "openai")
    return account?.apiKey && Redacted.value(account.apiKey)
  })

layer(TestLayer.layer({ JWT_SECRET_PREVIOUS: previous }))("Keys of provider configs", (it) => {
  it.live("are decrypted with the previous secret, and encrypted anew when the server starts", () =>
    Effect.gen(function* () {
      const actor = yield* TestLayer.newActor()
      const { prefix } = yield* SecretBox
      yield* storeOldKey(actor)
      expect(yield* storedKey(actor)).not.toStartWith(prefix)
      expect(yield* selectedKey(actor)).toBe(apiKey)
      yield* Layer.build(Layer.fresh(ProviderConfigs.Default))
      yield* storedKey(actor).pipe(
        Effect.delay("10 millis"),
        Effect.repeat({ until: (key) => key.startsWith(prefix) }),
      )
      expect(yield* selectedKey(actor)).toBe(apiKey)
    }),
  )

  it.live("are never replaced by the server's when they cannot be decrypted", () =>
    Effect.gen(function* () {
      const actor = yield* TestLayer.newActor()
      yield* storeOldKey(actor)
      yield* replaceKey(actor, "of.another-server")
      expect(yield* Effect.flip(selectedKey(actor))).toBeInstanceOf(ApiKeyUnreadable)
    }),
  )
})
