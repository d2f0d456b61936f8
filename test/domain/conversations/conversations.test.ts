import { expect } from "bun:test"
import { Chunk, Effect, Stream } from "effect"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { Generation } from "../../../src/domain/generation/Generations"
import { layer } from "../../support/it"
import * as Domains from "../../support/testLayer"

layer(Domains.layer())("A conversation", (it) => {
  it.live("is its owner's alone, for reading and for writing", () =>
    Effect.gen(function* () {
      const conversations = yield* Conversations
      const generation = yield* Generation
      const [owner, stranger] = yield* Effect.all([Domains.newActor(), Domains.newActor("admin")])
      const { conversation } = yield* conversations.openEmpty(owner, "Mine")
      const window = { page: 1, limit: 10 }
      const refusals = yield* Effect.all([
        Effect.flip(conversations.get(stranger, conversation.id)),
        Effect.flip(conversations.messages(stranger, conversation.id, window)),
        Effect.flip(conversations.messages(stranger, conversation.id, { ...window, search: "x" })),
        Effect.flip(generation.start(stranger, { conversationId: conversation.id, content: "hi" })),
      ])
      expect(refusals.map(({ _tag }) => _tag)).toEqual(refusals.map(() => "ConversationNotFound"))
      expect(yield* conversations.list(stranger)).toEqual([])
      expect(yield* conversations.get(owner, conversation.id)).toEqual(conversation)
    }),
  )

  it.live("keeps its messages in order and their times apart, however many are added at once", () =>
    Effect.gen(function* () {
      const conversations = yield* Conversations
      const generation = yield* Generation
      const actor = yield* Domains.newActor()
      const { conversation } = yield* conversations.openEmpty(actor)
      const exchanges = yield* Effect.forEach(
        Array.from({ length: 12 }, (_, index) => `prompt ${index}`),
        (content) => generation.start(actor, { conversationId: conversation.id, content }),
        { concurrency: "unbounded" },
      )
      const { items, total } = yield* conversations.messages(actor, conversation.id, { page: 1, limit: 100 })
      expect([items.length, total]).toEqual([24, 24])
      const times = items.map(({ createdAt }) => createdAt.getTime())
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
      for (const { run, events } of exchanges) {
        const [prompt, started] = Chunk.toReadonlyArray(yield* Stream.runCollect(Stream.take(events, 2)))
        if (prompt?.type !== "prompt" || started?.type !== "started") throw new Error("A log without a begin")
        const place = items.findIndex(({ id }) => id === run.promptId)
        expect(items[place + 1]?.id ?? null).toBe(run.answerId)
        expect(items[place - 1]?.id ?? null).toBe(prompt.previousMessageId)
        expect(items[place]?.createdAt.toISOString()).toBe(prompt.createdAt)
        expect(items[place + 1]?.createdAt.toISOString()).toBe(started.createdAt)
      }
    }),
  )

  it.live("is empty no more once something is said, and then another is made", () =>
    Effect.gen(function* () {
      const conversations = yield* Conversations
      const generation = yield* Generation
      const actor = yield* Domains.newActor()
      const first = yield* conversations.openEmpty(actor)
      yield* generation.start(actor, { conversationId: first.conversation.id, content: "hi" })
      const second = yield* conversations.openEmpty(actor)
      expect([first.created, second.created]).toEqual([true, true])
      expect((yield* conversations.list(actor)).map(({ id }) => id)).toEqual([
        second.conversation.id,
        first.conversation.id,
      ])
    }),
  )
})
