import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Stream } from "effect"
import { Chat } from "../../../src/domain/chat/Chat"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { MessageId } from "../../../src/domain/conversations/Conversations/Model"
import { Generations } from "../../../src/domain/generation/Generations"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, status } from "../../support/ScriptedProvider/Script"
import * as TestLayer from "../../support/testLayer"

/** Creates a user with a conversation. `send` sends a prompt to it and waits for the end of the generation. */
const setUp = Effect.gen(function* () {
  const conversations = yield* Conversations
  const generations = yield* Generations
  const actor = yield* TestLayer.newActor()
  const { id } = (yield* conversations.getOrCreateEmpty(actor)).conversation
  const send = (content: string) =>
    Effect.flatMap(generations.start(actor, { conversationId: id, content }), ({ events }) =>
      Stream.runDrain(events),
    )
  const messages = conversations.messages(actor, id, { page: 1, limit: 1000 })
  return { sql: yield* SqlClient.SqlClient, provider: yield* Provider, actor, id, send, messages }
})

layer(TestLayer.layer({ LLM_MAX_RETRIES: "0", TOKENS_LIMIT: "-1" }))(
  "Concurrent generations of one user",
  (it) => {
    it.live(
      "finishes concurrent generations without deadlocks, whether they succeed or fail",
      () =>
        Effect.gen(function* () {
          const { sql, provider, actor, send, messages } = yield* setUp
          let requestCount = 0
          yield* provider.setResponder(() => (requestCount++ % 2 === 0 ? status(500) : answer("x")))
          const rounds = Array.from({ length: 8 }, (_, round) => `prompt ${round}`)
          yield* Effect.all(
            Array.from({ length: 8 }, () => Effect.forEach(rounds, send)),
            { concurrency: "unbounded" },
          )
          const [counts] = yield* sql`
        select count(*)::int as total, count(*) filter (where state in ('completed', 'failed'))::int as finished
        from generations where user_id = ${actor.userId}`
          expect(counts).toEqual({ total: 64, finished: 64 })
          const { items, total } = yield* messages
          expect([items.length, total]).toEqual([96, 96])
          const [account] = yield* sql`
        select tokens_reserved as reserved from usage_accounts where user_id = ${actor.userId}`
          expect(account).toEqual({ reserved: 0 })
        }),
      { timeout: 60_000 },
    )

    it.live(
      "keeps positions contiguous while prompts are edited, answers regenerated and messages deleted",
      () =>
        Effect.gen(function* () {
          const { sql, provider, actor, id: conversationId, send, messages } = yield* setUp
          const chat = yield* Chat
          yield* provider.setResponder(() => answer("One ", "two"))
          yield* send("Count")
          const first = (yield* messages).items[0]?.id ?? MessageId.make("")
          const actions = {
            send: send("Count"),
            edit: chat
              .editAndRegenerate(actor, first, "Count again")
              .pipe(Effect.flatMap(({ events }) => Stream.runDrain(events))),
            regenerate: Effect.gen(function* () {
              const { items } = yield* messages
              const last = items.findLast(({ role }) => role === "assistant")
              if (last === undefined) return
              yield* chat.regenerate(actor, last.id).pipe(
                Effect.catchTags({
                  MessageNotFound: () => Effect.void,
                  InvalidMessageRole: () => Effect.void,
                }),
              )
            }),
            remove: Effect.gen(function* () {
              const id = (yield* messages).items.at(-2)?.id ?? first
              if (id === first) return
              yield* chat.removeMessage(actor, id).pipe(Effect.catchTag("MessageNotFound", () => Effect.void))
            }),
          }
          const repeat = <E>(action: Effect.Effect<void, E>) => Effect.repeatN(action, 7)
          yield* Effect.all(
            [repeat(actions.send), repeat(actions.edit), repeat(actions.regenerate), repeat(actions.remove)],
            {
              concurrency: "unbounded",
            },
          )
          const [row] = yield* sql`
            select c.message_count = count(*) and max(m.position) = count(*) - 1 as contiguous,
              c.last_message_id = (array_agg(m.id order by m.position desc))[1] as "lastIsLast"
            from conversations c join messages m on m.conversation_id = c.id
            where c.id = ${conversationId} group by c.id`
          expect(row).toEqual({ contiguous: true, lastIsLast: true })
        }),
      { timeout: 60_000 },
    )
  },
)
