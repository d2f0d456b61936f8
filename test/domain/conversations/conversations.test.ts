import { expect } from "bun:test"
import { Chunk, Effect, Stream } from "effect"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { Generations } from "../../../src/domain/generation/Generations"
import { layer } from "../../support/it"
import * as TestLayer from "../../support/testLayer"

layer(TestLayer.layer())("Conversations", (it) => {
  it.live("hides a conversation from all other users, administrators included", () =>
    Effect.gen(function* () {
      const conversations = yield* Conversations
      const generations = yield* Generations
      const [owner, other] = yield* Effect.all([TestLayer.newActor(), TestLayer.newActor("admin")])
      const { conversation } = yield* conversations.getOrCreateEmpty(owner, "Mine")
      const window = { page: 1, limit: 10 }
      const errors = yield* Effect.all([
        Effect.flip(conversations.get(other, conversation.id)),
        Effect.flip(conversations.messages(other, conversation.id, window)),
        Effect.flip(conversations.messages(other, conversation.id, { ...window, search: "x" })),
        Effect.flip(generations.start(other, { conversationId: conversation.id, content: "hi" })),
      ])
      expect(errors.map(({ _tag }) => _tag)).toEqual(errors.map(() => "ConversationNotFound"))
      expect(yield* conversations.list(other)).toEqual([])
      expect(yield* conversations.get(owner, conversation.id)).toEqual(conversation)
    }),
  )

  it.live("keeps concurrently added messages in order with distinct timestamps", () =>
    Effect.gen(function* () {
      const conversations = yield* Conversations
      const generations = yield* Generations
      const actor = yield* TestLayer.newActor()
      const { conversation } = yield* conversations.getOrCreateEmpty(actor)
      const exchanges = yield* Effect.forEach(
        Array.from({ length: 12 }, (_, index) => `prompt ${index}`),
        (content) => generations.start(actor, { conversationId: conversation.id, content }),
        { concurrency: "unbounded" },
      )
      const { items, total } = yield* conversations.messages(actor, conversation.id, { page: 1, limit: 100 })
      expect([items.length, total]).toEqual([24, 24])
      const times = items.map(({ createdAt }) => createdAt.getTime())
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
      for (const { generation, events } of exchanges) {
        const [prompt, started] = Chunk.toReadonlyArray(yield* Stream.runCollect(Stream.take(events, 2)))
        if (prompt?.type !== "prompt" || started?.type !== "started")
          throw new Error("The log does not begin with prompt and started")
        const position = items.findIndex(({ id }) => id === generation.promptId)
        expect(items[position + 1]?.id ?? null).toBe(generation.answerId)
        expect(items[position - 1]?.id ?? null).toBe(prompt.previousMessageId)
        expect(items[position]?.createdAt.toISOString()).toBe(prompt.createdAt)
        expect(items[position + 1]?.createdAt.toISOString()).toBe(started.createdAt)
      }
    }),
  )

  it.live("creates another empty conversation once the first has a message", () =>
    Effect.gen(function* () {
      const conversations = yield* Conversations
      const generations = yield* Generations
      const actor = yield* TestLayer.newActor()
      const first = yield* conversations.getOrCreateEmpty(actor)
      yield* generations.start(actor, { conversationId: first.conversation.id, content: "hi" })
      const second = yield* conversations.getOrCreateEmpty(actor)
      expect([first.created, second.created]).toEqual([true, true])
      expect((yield* conversations.list(actor)).map(({ id }) => id)).toEqual([
        second.conversation.id,
        first.conversation.id,
      ])
    }),
  )
})
