import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { ConversationId } from "../../../src/domain/conversations/Conversations/Model"
import type { Actor } from "../../../src/domain/shared/Actor"
import { IdGenerator } from "../../../src/domain/shared/Ids"
import { layer } from "../../support/it"
import * as TestLayer from "../../support/testLayer"

/** Returns the text of message `n`: common texts in rotation, one rare word, and one only in the oldest messages. */
const sampleText = (n: number) =>
  [
    ["Straße", "ёжик в тумане", "日本語の勉強", "50%_off \\ 'now'", "a\u0001b", "🎉🎉", "ﬃx"][n % 7] ?? "",
    n % 1000 === 13 ? "zephyrine" : "",
    n < 60 ? "Once" : "",
  ].join(" ")

const terms = [
  ...["STRASSE", "sse", "ss", "ЁЖИК", "ж", "日本", "本", "0%_", "%_", "%", "_o", "\\", "\\ '", "' z", "'"],
  ...["a\u0001", "\u0001", "a b", "🎉", "🎉🎉 ", "FFIX", "zephyr", "ephyrine", "once", "on", "qq", "no such"],
  `${"x".repeat(500)}`,
]

/** Inserts messages a minute apart into a new conversation, and returns them, latest first. */
const insertMessages = Effect.fn(function* (actor: Actor, texts: ReadonlyArray<string>) {
  const sql = yield* SqlClient.SqlClient
  const id = yield* (yield* IdGenerator).generate
  yield* sql`insert into conversations (id, user_id, title, created_at) values (${id}, ${actor.userId}, 'Talk', now())`
  yield* sql`
    insert into messages (id, conversation_id, user_id, position, role, content, created_at)
    select gen_random_uuid(), ${id}::uuid, ${actor.userId}::uuid, n - 1, 'user', text, now() + n * interval '1 minute'
    from unnest(${texts}::text[]) with ordinality message(text, n)`
  return texts.toReversed()
})

layer(TestLayer.layer())("Message search", (it) => {
  it.live("finds literal, case-insensitive matches in any script among few and many messages", () =>
    Effect.gen(function* () {
      const conversations = yield* Conversations
      const [few, many] = [yield* TestLayer.newActor(), yield* TestLayer.newActor()]
      for (const [actor, count] of [
        [few, 100],
        [many, 10_200],
      ] as const) {
        const texts = yield* insertMessages(
          actor,
          Array.from({ length: count }, (_, n) => sampleText(n)),
        )
        for (const text of terms) {
          const expected = texts.filter((one) => one.toUpperCase().includes(text.toUpperCase())).slice(0, 50)
          const results = yield* conversations.searchMessages(actor, text, 50)
          expect([text, results.map(({ content }) => content)]).toEqual([text, expected])
        }
      }
    }),
  )

  it.live("finds the end of texts too long for the index, but no deleted or unfinished messages", () =>
    Effect.gen(function* () {
      const conversations = yield* Conversations
      const sql = yield* SqlClient.SqlClient
      const actor = yield* TestLayer.newActor()
      yield* insertMessages(actor, [`${"日本 ".repeat(60_000)} the end`, "no end to it", "endless"])
      const search = (text: string) =>
        Effect.map(conversations.searchMessages(actor, text, 10), (all) =>
          all.map(({ content }) => content.slice(-7)),
        )
      expect(yield* search("END")).toEqual(["endless", "d to it", "the end"])
      expect(yield* search("本 日")).toEqual(["the end"])
      yield* sql`update messages set is_searchable = false where user_id = ${actor.userId} and content = 'endless'`
      expect(yield* search("END")).toEqual(["d to it", "the end"])
      expect(yield* search("en")).toEqual(["d to it", "the end"])
      const [all] = yield* conversations.list(actor)
      yield* conversations.remove(actor, ConversationId.make(all?.id ?? ""))
      expect(yield* search("END")).toEqual([])
    }),
  )
})

layer(TestLayer.layer())("Conversation lists", (it) => {
  it.live("keep folder counts exact while conversations move between folders concurrently", () =>
    Effect.gen(function* () {
      const conversations = yield* Conversations
      const sql = yield* SqlClient.SqlClient
      const actor = yield* TestLayer.newActor()
      const all = yield* Effect.replicateEffect(conversations.create(actor, { folderId: "a" }), 12)
      const total = (folderId: string, archived = false) =>
        Effect.map(
          conversations.page(actor, { folderId, archived, sort: "title" }, { offset: 0, limit: 5 }),
          (page) => page.total,
        )
      const moves = all.flatMap(({ id }, n) => [
        conversations.update(actor, id, { folderId: n % 3 === 0 ? null : "b" }),
        conversations.update(actor, id, { folderId: n % 2 === 0 ? "a" : "c" }),
        conversations.update(actor, id, { isArchived: n % 4 === 0 }),
      ])
      yield* Effect.all(moves, { concurrency: "unbounded" })
      const expectedCounts = sql`
        select folder_id, count(*) filter (where not is_archived)::int as active,
          count(*) filter (where is_archived)::int as archived
        from conversations where user_id = ${actor.userId} and folder_id is not null group by 1 order by 1`
      const storedCounts = sql`
        select folder_id, active, archived from folder_counts where user_id = ${actor.userId} order by 1`
      expect(yield* storedCounts).toEqual(yield* expectedCounts)
      for (const { id } of all) yield* conversations.update(actor, id, { folderId: "z" })
      expect([yield* total("z"), yield* total("z", true), yield* total("a")]).toEqual([9, 3, 0])
      yield* Effect.forEach(all, ({ id }) => conversations.remove(actor, id), { concurrency: "unbounded" })
      expect(yield* storedCounts).toEqual([])
    }),
  )

  it.live("return the same order whether a page is read from the start or the end", () =>
    Effect.gen(function* () {
      const conversations = yield* Conversations
      const actor = yield* TestLayer.newActor()
      const created = yield* Effect.forEach([..."gbfaced"], (title) => conversations.create(actor, { title }))
      yield* conversations.update(actor, created[0]?.id ?? ConversationId.make(""), { isPinned: true })
      for (const sort of ["title", "created_at", "message_count", "last_message_at"] as const) {
        const titles = (offset: number, limit: number) =>
          Effect.map(conversations.page(actor, { archived: false, sort }, { offset, limit }), ({ items }) =>
            items.map(({ title }) => title),
          )
        const all = yield* titles(0, 7)
        expect(all.length).toBe(7)
        expect(all[0]).toBe("g")
        for (let offset = 0; offset < 9; offset++)
          for (let limit = 1; limit < 9; limit++)
            expect([offset, limit, yield* titles(offset, limit)]).toEqual([
              offset,
              limit,
              all.slice(offset, offset + limit),
            ])
      }
    }),
  )
})
