import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { ConversationId, type ConversationSort } from "../../../src/domain/conversations/Conversations/Model"
import type { Actor } from "../../../src/domain/shared/Actor"
import { IdGenerator } from "../../../src/domain/shared/Ids"
import { layer } from "../../support/it"
import * as TestLayer from "../../support/testLayer"

const samples = [
  ...[
    "Straße",
    "ёжик в тумане",
    "日本語の勉強",
    "50%_off \\ 'now'",
    "a\u0001b",
    "🎉🎉",
    "ﬃx",
    "مرحبا بالعالم",
  ],
  ...["caf\u00e9 noir", "cafe\u0301 cre\u0300me"], // composed and decomposed
]

/** Returns the text of message `n`: common texts in rotation, one rare word, and one only in the oldest messages. */
const sampleText = (n: number) =>
  [samples[n % samples.length] ?? "", n % 1000 === 13 ? "zephyrine" : "", n < 60 ? "Once" : ""].join(" ")

const terms = [
  ...["STRASSE", "sse", "ss", "ЁЖИК", "ж", "日本", "本", "0%_", "%_", "%", "_o", "\\", "\\ '", "' z", "'"],
  ...["a\u0001", "\u0001", "a b", "🎉", "🎉🎉 ", "FFIX", "zephyr", "ephyrine", "once", "on", "qq", "no such"],
  ...["CAF\u00c9", "cafe\u0301 ", "\u00e9", "e\u0301", "afe", "cr\u00e8me", "\u0301", "مرحبا", "با", "ع"],
  `${"x".repeat(500)}`,
]

/** Whether a text contains a term as users see both: in NFC and without case. */
const contains = (text: string, term: string) => {
  const [haystack, needle] = [text, term].map((one) => one.normalize("NFC").toUpperCase())
  return haystack?.includes(needle ?? "")
}

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
          const expected = texts.filter((one) => contains(one, text)).slice(0, 50)
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
  it.live("pages through every order, pinned first, and counts the whole list", () =>
    Effect.gen(function* () {
      const conversations = yield* Conversations
      const actor = yield* TestLayer.newActor()
      const created = yield* Effect.forEach([..."gbfaced"], (title) => conversations.create(actor, { title }))
      yield* conversations.update(actor, created[0]?.id ?? ConversationId.make(""), { isPinned: true })
      const titles = (sort: ConversationSort, offset: number, limit: number) =>
        Effect.map(
          conversations.page(actor, { archived: false, sort }, { offset, limit }),
          ({ items, total }) => [...items.map(({ title }) => title), total].join(" "),
        )
      expect(yield* titles("title", 0, 10)).toBe("g a b c d e f 7")
      for (const sort of ["created_at", "message_count", "last_message_at"] as const)
        expect([sort, yield* titles(sort, 0, 10)]).toEqual([sort, "g d e c a f b 7"])
      expect(yield* titles("last_message_at", 1, 2)).toBe("d e 7")
      expect(yield* titles("title", 6, 2)).toBe("f 7")
      expect(yield* titles("title", 7, 2)).toBe("7")
    }),
  )

  it.live(
    "counts the conversations of a folder, archived and active ones separately, and matching titles",
    () =>
      Effect.gen(function* () {
        const conversations = yield* Conversations
        const actor = yield* TestLayer.newActor()
        const all = yield* Effect.forEach(["Cafe\u0301", "CAF\u00c9 2", "Tea", "100%"], (title) =>
          conversations.create(actor, { title, folderId: "a" }),
        )
        yield* conversations.update(actor, all[1]?.id ?? ConversationId.make(""), { isArchived: true })
        yield* conversations.update(actor, all[2]?.id ?? ConversationId.make(""), { folderId: "b" })
        const total = (folderId: string, archived = false, search?: string) =>
          Effect.map(
            conversations.page(actor, { folderId, archived, search, sort: "title" }, { offset: 0, limit: 1 }),
            (page) => page.total,
          )
        expect(yield* Effect.all([total("a"), total("a", true), total("b"), total("c")])).toEqual([
          2, 1, 1, 0,
        ])
        expect(
          yield* Effect.all([
            total("a", false, "caf\u00e9"),
            total("a", false, "0%"),
            total("a", false, "_"),
          ]),
        ).toEqual([1, 1, 0])
        const matches = yield* conversations.searchTitles(actor, "cafe\u0301", { offset: 1, limit: 1 })
        expect([matches.total, matches.items.map(({ title }) => title)]).toEqual([2, ["Cafe\u0301"]])
      }),
  )
})
