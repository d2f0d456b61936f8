import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Chunk, Effect, Fiber, Option, Stream } from "effect"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import type { ConversationId } from "../../../src/domain/conversations/Conversations/Model"
import { Generations } from "../../../src/domain/generation/Generations"
import { concatDeltas } from "../../../src/domain/generation/Generations/EventBuffer"
import type { GenerationId } from "../../../src/domain/generation/Generations/Model"
import { Usage } from "../../../src/domain/operations/Usage"
import type { Actor } from "../../../src/domain/shared/Actor"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import {
  answer,
  delta,
  disconnect,
  Latch,
  status,
  usage,
  waitFor,
} from "../../support/ScriptedProvider/Script"
import * as TestLayer from "../../support/testLayer"

const createConversation = Effect.fn(function* (actor: Actor) {
  const { conversation } = yield* (yield* Conversations).getOrCreateEmpty(actor)
  return conversation.id
})

const readAll = Effect.fn(function* (actor: Actor, id: GenerationId, after = -1) {
  const { events } = yield* (yield* Generations).events(actor, id, after)
  return Chunk.toReadonlyArray(yield* Stream.runCollect(events))
})

/** Starts a generation whose provider sends "Hel", waits for the gate, and then sends "lo". */
const startGated = Effect.fn(function* (actor: Actor) {
  const gate = new Latch()
  yield* (yield* Provider).script(answer("Hel", waitFor(gate), "lo"))
  const conversationId = yield* createConversation(actor)
  const { generation } = yield* (yield* Generations).start(actor, { conversationId, content: "Greet me" })
  return { generation, gate, conversationId }
})

const listMessages = Effect.fn(function* (
  actor: Actor,
  { conversationId }: { readonly conversationId: ConversationId },
) {
  const conversations = yield* Conversations
  const { items } = yield* conversations.messages(actor, conversationId, { page: 1, limit: 100 })
  return items
})

layer(TestLayer.layer())("Generations", (it) => {
  it.live(
    "stores prompt and answer, numbers the events from 0, and settles the provider's token counts",
    () =>
      Effect.gen(function* () {
        const actor = yield* TestLayer.newActor()
        yield* (yield* Provider).script(answer("Hel", "lo", usage(12, 34)))
        const conversationId = yield* createConversation(actor)
        const { generation } = yield* (yield* Generations).start(actor, {
          conversationId,
          content: "Greet me",
        })
        const events = yield* readAll(actor, generation.id)

        expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index))
        expect(events.map(({ type }) => type)).toEqual(
          expect.arrayContaining(["prompt", "started", "delta", "completed"]),
        )
        expect(concatDeltas(events)).toBe("Hello")
        expect(events.at(-1)).toMatchObject({
          type: "completed",
          reason: "stop",
          usage: { promptTokens: 12, completionTokens: 34 },
        })
        const messages = yield* listMessages(actor, generation)
        expect(messages.map(({ id, role, content }): Array<string> => [id, role, content])).toEqual([
          [generation.promptId, "user", "Greet me"],
          [generation.answerId ?? "", "assistant", "Hello"],
        ])
        const account = yield* (yield* Usage).getAccount(actor)
        expect(account).toEqual({ tokensLimit: 100_000, tokensUsed: 46, messagesSent: 1 })
      }),
  )

  it.live("sends every subscriber the same events, early, late or resuming", () =>
    Effect.gen(function* () {
      const actor = yield* TestLayer.newActor()
      const { generation, gate } = yield* startGated(actor)
      const early = yield* Effect.fork(readAll(actor, generation.id))
      const resumed = yield* Effect.fork(readAll(actor, generation.id, 1))
      gate.open()
      const all = yield* Fiber.join(early)
      expect(yield* Fiber.join(resumed)).toEqual(all.slice(2))
      expect(yield* readAll(actor, generation.id)).toEqual(all)
      yield* Effect.sleep(3_500)
      expect(yield* readAll(actor, generation.id)).toEqual(all)
      expect(yield* readAll(actor, generation.id, 2)).toEqual(all.slice(3))
    }),
  )

  it.live("continues a generation when its subscriber disconnects", () =>
    Effect.gen(function* () {
      const actor = yield* TestLayer.newActor()
      const { generation, gate } = yield* startGated(actor)
      const subscriber = yield* Effect.fork(readAll(actor, generation.id))
      yield* Effect.sleep(30)
      yield* Fiber.interrupt(subscriber)
      gate.open()
      expect(concatDeltas(yield* readAll(actor, generation.id))).toBe("Hello")
    }),
  )

  it.live("stops a generation idempotently: keeps the text so far and aborts the provider's call", () =>
    Effect.gen(function* () {
      const actor = yield* TestLayer.newActor()
      const provider = yield* Provider
      const generations = yield* Generations
      const before = provider.requests.length
      const { generation } = yield* startGated(actor)
      const { events } = yield* generations.events(actor, generation.id, -1)
      yield* Stream.runHead(Stream.filter(events, ({ type }) => type === "delta"))

      const stopped = yield* Effect.all(
        [generations.stop(actor, generation.id), generations.stop(actor, generation.id)],
        {
          concurrency: 2,
        },
      )
      expect(stopped.map(({ state }) => state)).toEqual(["stopped", "stopped"])
      expect((yield* generations.stop(actor, generation.id)).state).toBe("stopped")
      expect(yield* (yield* provider.received(before)).outcome).toBe("aborted")
      const log = yield* readAll(actor, generation.id)
      expect(log.at(-1)?.type).toBe("stopped")
      expect((yield* listMessages(actor, generation)).map(({ content }) => content)).toEqual([
        "Greet me",
        "Hel",
      ])
      const sql = yield* SqlClient.SqlClient
      const [account] =
        yield* sql`select tokens_reserved::int as reserved from usage_accounts where user_id = ${actor.userId}`
      expect(account).toEqual({ reserved: 0 })
    }),
  )

  it.live("keeps only the prompt and charges nothing when a generation fails before any text", () =>
    Effect.gen(function* () {
      const actor = yield* TestLayer.newActor()
      yield* (yield* Provider).script(status(429, {}, { "retry-after": "60" }))
      const conversationId = yield* createConversation(actor)
      const { generation } = yield* (yield* Generations).start(actor, { conversationId, content: "Greet me" })
      const events = yield* readAll(actor, generation.id)
      expect(events.at(-1)).toMatchObject({ type: "failed", error: { code: "MODEL_RATE_LIMITED" } })
      expect((yield* listMessages(actor, generation)).map(({ content }) => content)).toEqual(["Greet me"])
      expect((yield* (yield* Usage).getAccount(actor)).tokensUsed).toBe(0)
    }),
  )

  it.live("keeps the text of an interrupted stream, and appends the next prompt without a gap", () =>
    Effect.gen(function* () {
      const actor = yield* TestLayer.newActor()
      const generations = yield* Generations
      const provider = yield* Provider
      yield* provider.script(answer("Half a", disconnect), status(500), answer("Whole"))
      const conversationId = yield* createConversation(actor)
      for (const content of ["one", "two", "three"]) {
        const { generation } = yield* generations.start(actor, { conversationId, content })
        yield* readAll(actor, generation.id)
      }
      const messages = yield* listMessages(actor, { conversationId })
      expect(messages.map(({ content }) => content)).toEqual(["one", "Half a", "two", "three", "Whole"])
      const sql = yield* SqlClient.SqlClient
      const positions =
        yield* sql`select position from messages where conversation_id = ${conversationId} order by position`
      expect(positions.map(({ position }) => position)).toEqual([0, 1, 2, 3, 4])
      expect(provider.requests.at(-1)?.body.messages.map(({ content }) => content)).toEqual([
        "one",
        "Half a",
        "two\n\nthree",
      ])
    }),
  )

  it.live("joins surrogate pairs that the provider split between two deltas", () =>
    Effect.gen(function* () {
      const actor = yield* TestLayer.newActor()
      yield* (yield* Provider).script(answer("a\ud83d", "\ude00b\u0000", delta("c")))
      const conversationId = yield* createConversation(actor)
      const { generation } = yield* (yield* Generations).start(actor, { conversationId, content: "Smile" })
      const events = yield* readAll(actor, generation.id)
      expect(concatDeltas(events)).toBe("a😀bc")
      expect(events.every((event) => event.type !== "delta" || event.text.isWellFormed())).toBe(true)
      expect((yield* listMessages(actor, generation)).at(-1)?.content).toBe("a😀bc")
    }),
  )

  it.live("rejects other users of a generation", () =>
    Effect.gen(function* () {
      const generations = yield* Generations
      const actor = yield* TestLayer.newActor()
      const otherUser = yield* TestLayer.newActor()
      const { generation, gate, conversationId } = yield* startGated(actor)
      const errors = yield* Effect.all([
        Effect.flip(generations.events(otherUser, generation.id, -1)),
        Effect.flip(generations.stop(otherUser, generation.id)),
        Effect.flip(generations.start(otherUser, { conversationId, content: "Mine now" })),
        Effect.flip(
          generations.startOrResume(otherUser, { conversationId, content: "Greet me" }, Option.some(0)),
        ),
      ])
      expect(errors.map(({ _tag }) => _tag)).toEqual([
        "GenerationNotFound",
        "GenerationNotFound",
        "ConversationNotFound",
        "ConversationNotFound",
      ])
      gate.open()
      expect(concatDeltas(yield* readAll(actor, generation.id))).toBe("Hello")
    }),
  )

  it.live("orders the prompts of concurrent generations in one conversation", () =>
    Effect.gen(function* () {
      const actor = yield* TestLayer.newActor("admin")
      const generations = yield* Generations
      const conversationId = yield* createConversation(actor)
      const started = yield* Effect.forEach(
        Array.from({ length: 10 }, (_, index) => `prompt ${index}`),
        (content) => generations.start(actor, { conversationId, content }),
        { concurrency: "unbounded" },
      )
      yield* Effect.forEach(started, ({ generation }) => readAll(actor, generation.id), {
        concurrency: "unbounded",
      })
      const messages = yield* listMessages(actor, { conversationId })
      expect(messages.length).toBe(20)
      expect(messages.map(({ role }) => role)).toEqual(
        messages.map((_, index) => (index % 2 === 0 ? "user" : "assistant")),
      )
      const times = messages.map(({ createdAt }) => createdAt.getTime())
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
    }),
  )
})
