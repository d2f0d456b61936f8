import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Stream } from "effect"
import { Conversations } from "../../src/domain/conversation/Conversations"
import { Generation } from "../../src/domain/conversation/Generation"
import * as Domains from "../support/Domains"
import { layer } from "../support/it"
import { Provider } from "../support/Provider"
import { answer, status } from "../support/Provider/Script"

layer(Domains.layer({ LLM_MAX_RETRIES: "0", TOKENS_LIMIT: "-1" }))(
  "Runs of one user that begin and end at once",
  (it) => {
    it.live(
      "wait for one another in the same order, whether they say something or nothing",
      () =>
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const provider = yield* Provider
          const generation = yield* Generation
          const conversations = yield* Conversations
          const actor = yield* Domains.newActor()
          const { conversation } = yield* conversations.openEmpty(actor)
          let asked = 0
          yield* provider.answering(() => (asked++ % 2 === 0 ? status(500) : answer("x")))
          const rounds = Array.from({ length: 8 }, (_, round) => `prompt ${round}`)
          yield* Effect.all(
            Array.from({ length: 8 }, () =>
              Effect.forEach(rounds, (content) =>
                Effect.gen(function* () {
                  const begun = yield* generation.start(actor, { conversationId: conversation.id, content })
                  yield* Stream.runDrain(begun.events)
                }),
              ),
            ),
            { concurrency: "unbounded" },
          )
          const [sums] = yield* sql`
        select count(*)::int as runs, count(*) filter (where state in ('completed', 'failed'))::int as over
        from generations where user_id = ${actor.userId}`
          expect(sums).toEqual({ runs: 64, over: 64 })
          const { items, total } = yield* conversations.messages(actor, conversation.id, {
            page: 1,
            limit: 1000,
          })
          expect([items.length, total]).toEqual([96, 96])
          const [account] = yield* sql`
        select tokens_reserved as held from usage_accounts where user_id = ${actor.userId}`
          expect(account).toEqual({ held: 0 })
        }),
      { timeout: 60_000 },
    )
  },
)
