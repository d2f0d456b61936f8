import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Stream } from "effect"
import { Chat } from "../../../src/domain/chat/Chat"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { MessageId } from "../../../src/domain/conversations/Conversations/Model"
import { Generation } from "../../../src/domain/generation/Generations"
import { layer } from "../../support/it"
import { Provider } from "../../support/Provider"
import { answer, status } from "../../support/Provider/Script"
import * as Domains from "../../support/testLayer"

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

    it.live(
      "and those that are begun again, and messages that are deleted, leave no gap and no half",
      () =>
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          const provider = yield* Provider
          const generation = yield* Generation
          const conversations = yield* Conversations
          const chat = yield* Chat
          const actor = yield* Domains.newActor()
          const { conversation } = yield* conversations.openEmpty(actor)
          yield* provider.answering(() => answer("One ", "two"))
          const say = Effect.gen(function* () {
            const saying = { conversationId: conversation.id, content: "Count" }
            const { events } = yield* generation.start(actor, saying)
            yield* Stream.runDrain(events)
          })
          yield* say
          const all = conversations.messages(actor, conversation.id, { page: 1, limit: 1000 })
          const first = (yield* all).items[0]?.id ?? MessageId.make("")
          const doing = {
            say,
            edit: chat
              .editAndAnswer(actor, first, "Count again")
              .pipe(Effect.flatMap(({ events }) => Stream.runDrain(events))),
            regenerate: Effect.gen(function* () {
              const { items } = yield* all
              const last = items.findLast(({ role }) => role === "assistant")
              if (last === undefined) return
              yield* chat
                .regenerate(actor, last.id)
                .pipe(
                  Effect.catchTags({ MessageNotFound: () => Effect.void, WrongMessage: () => Effect.void }),
                )
            }),
            remove: Effect.gen(function* () {
              const id = (yield* all).items.at(-2)?.id ?? first
              if (id === first) return
              yield* chat.removeMessage(actor, id).pipe(Effect.catchTag("MessageNotFound", () => Effect.void))
            }),
          }
          const many = <E>(one: Effect.Effect<void, E>) => Effect.repeatN(one, 7)
          yield* Effect.all([many(doing.say), many(doing.edit), many(doing.regenerate), many(doing.remove)], {
            concurrency: "unbounded",
          })
          const [found] = yield* sql`
            select c.message_count = count(*) and max(m.position) = count(*) - 1 as whole,
              c.last_message_id = (array_agg(m.id order by m.position desc))[1] as "lastIsLast"
            from conversations c join messages m on m.conversation_id = c.id
            where c.id = ${conversation.id} group by c.id`
          expect(found).toEqual({ whole: true, lastIsLast: true })
        }),
      { timeout: 60_000 },
    )
  },
)
