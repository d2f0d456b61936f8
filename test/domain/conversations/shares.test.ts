import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Layer, Redacted } from "effect"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { Shares } from "../../../src/domain/conversations/Shares"
import { configProviderFromEnv } from "../../../src/domain/shared/ConfigHelpers"
import { SecretBox } from "../../../src/domain/shared/SecretBox"
import * as AesSecretBox from "../../../src/infra/crypto/SecretBox"
import { layer } from "../../support/it"
import * as TestLayer from "../../support/testLayer"

const previous = "the secret before the one that is configured now"

layer(TestLayer.layer({ JWT_SECRET_PREVIOUS: previous }))("Shares", (it) => {
  it.live("show their ids after a change of the secret, and are encrypted anew when the server starts", () =>
    Effect.gen(function* () {
      const actor = yield* TestLayer.newActor()
      const shares = yield* Shares
      const conversation = yield* (yield* Conversations).create(actor, {})
      const share = yield* shares.create(actor, conversation.id)
      const settings = Layer.setConfigProvider(configProviderFromEnv({ JWT_SECRET: previous }))
      const previousBox = yield* Effect.provide(SecretBox, Layer.provide(AesSecretBox.layer, settings))
      const owner = { userId: actor.userId, purpose: "id of a share" }
      const stored = yield* previousBox.seal(Redacted.make(share.id), owner)
      const sql = yield* SqlClient.SqlClient
      yield* sql`update shared_conversations set share_id = ${stored}`
      expect(yield* shares.list(actor)).toEqual([share])

      yield* Layer.build(Layer.fresh(Shares.Default))
      yield* sql<{ id: string }>`select share_id as id from shared_conversations`.pipe(
        Effect.delay("10 millis"),
        Effect.repeat({ until: ([row]) => row !== undefined && row.id !== stored }),
      )
      expect(yield* shares.list(actor)).toEqual([share])
      expect((yield* shares.read(share.id)).id).toBe(share.id)
    }),
  )
})
