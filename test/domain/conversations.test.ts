import { expect } from "bun:test"
import { Effect } from "effect"
import { Conversations } from "../../src/domain/conversation/Conversations"
import * as Domains from "../support/Domains"
import { layer } from "../support/it"

layer(Domains.layer())("A conversation", (it) => {
  it.live("is its owner's alone, for reading and for writing", () =>
    Effect.gen(function* () {
      const conversations = yield* Conversations
      const [owner, stranger] = yield* Effect.all([Domains.newActor(), Domains.newActor("admin")])
      const { conversation } = yield* conversations.openEmpty(owner, "Mine")
      const window = { page: 1, limit: 10 }
      const refusals = yield* Effect.all([
        Effect.flip(conversations.get(stranger, conversation.id)),
        Effect.flip(conversations.messages(stranger, conversation.id, window)),
        Effect.flip(conversations.messages(stranger, conversation.id, { ...window, search: "x" })),
        Effect.flip(conversations.append(stranger, conversation.id, "hi")),
      ])
      expect(refusals.map(({ _tag }) => _tag)).toEqual(refusals.map(() => "ConversationNotFound"))
      expect(yield* conversations.list(stranger)).toEqual([])
      expect(yield* conversations.get(owner, conversation.id)).toEqual(conversation)
    }),
  )

  it.live("keeps its messages in order and their times apart, however many are added at once", () =>
    Effect.gen(function* () {
      const conversations = yield* Conversations
      const actor = yield* Domains.newActor()
      const { conversation } = yield* conversations.openEmpty(actor)
      const exchanges = yield* Effect.forEach(
        Array.from({ length: 12 }, (_, index) => `prompt ${index}`),
        (content) => conversations.append(actor, conversation.id, content),
        { concurrency: "unbounded" },
      )
      const { items, total } = yield* conversations.messages(actor, conversation.id, { page: 1, limit: 100 })
      expect([items.length, total]).toEqual([24, 24])
      const times = items.map(({ createdAt }) => createdAt.getTime())
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
      for (const { prompt, answer, previousMessageId } of exchanges) {
        const place = items.findIndex(({ id }) => id === prompt.id)
        expect(items[place + 1]?.id).toBe(answer.id)
        expect(items[place - 1]?.id ?? null).toBe(previousMessageId)
        expect(items[place]?.createdAt).toEqual(prompt.createdAt)
        expect(items[place + 1]?.createdAt).toEqual(answer.createdAt)
      }
    }),
  )

  it.live("is empty no more once something is said, and then another is made", () =>
    Effect.gen(function* () {
      const conversations = yield* Conversations
      const actor = yield* Domains.newActor()
      const first = yield* conversations.openEmpty(actor)
      yield* conversations.append(actor, first.conversation.id, "hi")
      const second = yield* conversations.openEmpty(actor)
      expect([first.created, second.created]).toEqual([true, true])
      expect((yield* conversations.list(actor)).map(({ id }) => id)).toEqual([
        second.conversation.id,
        first.conversation.id,
      ])
    }),
  )
})
