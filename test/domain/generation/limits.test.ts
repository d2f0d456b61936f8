import { expect } from "bun:test"
import { Chunk, Effect, Stream } from "effect"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { Generation } from "../../../src/domain/generation/Generations"
import type { GenerationEvent, GenerationId } from "../../../src/domain/generation/Generations/Model"
import { Usage } from "../../../src/domain/operations/Usage"
import type { Actor } from "../../../src/domain/shared/Actor"
import { estimateTokens, tokensPerTurn } from "../../../src/domain/shared/TokenEstimate"
import { layer } from "../../support/it"
import { Provider } from "../../support/Provider"
import { answer, done, exactly, finish, Latch, stall, usage, waitFor } from "../../support/Provider/Script"
import * as Domains from "../../support/testLayer"

const startSaying = Effect.fn(function* (actor: Actor, content: string) {
  const { conversation } = yield* (yield* Conversations).openEmpty(actor)
  return yield* (yield* Generation).start(actor, { conversationId: conversation.id, content })
})

const logOf = Effect.fn(function* (actor: Actor, id: GenerationId) {
  const { events } = yield* (yield* Generation).events(actor, id, -1)
  return Chunk.toReadonlyArray(yield* Stream.runCollect(events))
})

const textOf = (events: ReadonlyArray<GenerationEvent>) =>
  events.map((event) => (event.type === "delta" ? event.text : "")).join("")

layer(Domains.layer({ TOKENS_LIMIT: "1000", MAX_OUTPUT_TOKENS: "300" }))("A token limit", (it) => {
  it.live("lets through only as many at once as it covers", () =>
    Effect.gen(function* () {
      const actor = yield* Domains.newActor()
      const gate = new Latch()
      const provider = yield* Provider
      yield* provider.answering(() => answer("x", waitFor(gate)))
      const generation = yield* Generation
      const conversations = yield* Conversations
      const { conversation } = yield* conversations.openEmpty(actor)
      const conversationId = conversation.id
      const outcomes = yield* Effect.forEach(
        Array.from({ length: 20 }, () => "hi"),
        (content) => Effect.either(generation.start(actor, { conversationId, content })),
        { concurrency: "unbounded" },
      )
      const started = outcomes.flatMap((outcome) => (outcome._tag === "Right" ? [outcome.right] : []))
      const refused = outcomes.flatMap((outcome) => (outcome._tag === "Left" ? [outcome.left._tag] : []))
      expect(started.length).toBe(3)
      expect(new Set(refused)).toEqual(new Set(["TokenLimitReached"]))
      expect(
        provider.requests.every(({ body }) => (body.max_completion_tokens ?? body.max_tokens) === 300),
      ).toBe(true)
      gate.open()
      yield* Effect.forEach(
        started,
        ({ run }) =>
          Effect.flatMap(generation.events(actor, run.id, -1), ({ events }) => Stream.runDrain(events)),
        { concurrency: "unbounded" },
      )
      const { total } = yield* conversations.messages(actor, conversationId, { page: 1, limit: 1 })
      expect(total).toBe(6)
    }),
  )

  it.live("is drawn on by a prompt that was put to a model and stopped before it said anything", () =>
    Effect.gen(function* () {
      const actor = yield* Domains.newActor()
      const provider = yield* Provider
      const before = provider.requests.length
      yield* provider.script(answer(waitFor(new Latch()), "never"))
      const { run } = yield* startSaying(actor, "tell me of rivers ".repeat(40))
      yield* provider.received(before)
      expect((yield* (yield* Generation).stop(actor, run.id)).state).toBe("stopped")
      const { tokensUsed } = yield* (yield* Usage).of(actor)
      expect(tokensUsed).toBeGreaterThan(100)
      expect((yield* logOf(actor, run.id)).at(-1)).toMatchObject({
        type: "stopped",
        usage: { promptTokens: tokensUsed, completionTokens: 0 },
      })
    }),
  )
})

layer(Domains.layer({ MAX_ANSWER_CHARACTERS: "1000" }))("An answer without an end", (it) => {
  it.live("ends when it is long enough, with what it has said, and the provider is let go", () =>
    Effect.gen(function* () {
      const actor = yield* Domains.newActor()
      const provider = yield* Provider
      const before = provider.requests.length
      yield* provider.script(answer("on and ".repeat(150), stall))
      const { run } = yield* startSaying(actor, "Speak")
      const log = yield* logOf(actor, run.id)
      expect(log.at(-1)).toMatchObject({ type: "completed", reason: "length" })
      expect(textOf(log)).toBe("on and ".repeat(150))
      expect(yield* (yield* provider.received(before)).ended).toBe("aborted")
    }),
  )
})

layer(Domains.layer({ LLM_STREAM_TIMEOUT: "1 second" }))("An answer that goes on and on", (it) => {
  it.live("ends when its time is up, with what it has said, and the provider is let go", () =>
    Effect.gen(function* () {
      const actor = yield* Domains.newActor()
      const provider = yield* Provider
      const before = provider.requests.length
      yield* provider.script(answer("so far", stall))
      const { run } = yield* startSaying(actor, "Speak")
      const log = yield* logOf(actor, run.id)
      expect([log.at(-1), textOf(log)]).toMatchObject([{ type: "completed", reason: "length" }, "so far"])
      expect(yield* (yield* provider.received(before)).ended).toBe("aborted")
    }),
  )

  it.live("has failed when its time is up and nothing was said, at the price of what was asked", () =>
    Effect.gen(function* () {
      const actor = yield* Domains.newActor()
      yield* (yield* Provider).script(exactly(stall))
      const { run } = yield* startSaying(actor, "Think")
      const log = yield* logOf(actor, run.id)
      expect(log.at(-1)).toMatchObject({ type: "failed", error: { code: "MODEL_SAID_NOTHING" } })
      expect((yield* (yield* Usage).of(actor)).tokensUsed).toBe(estimateTokens("Think") + tokensPerTurn)
    }),
  )

  it.live("costs what its provider counted, though it was all thought and no word", () =>
    Effect.gen(function* () {
      const actor = yield* Domains.newActor()
      yield* (yield* Provider).script(exactly(finish("length"), usage(5, 70), done))
      const { run } = yield* startSaying(actor, "Think")
      const log = yield* logOf(actor, run.id)
      expect(log.at(-1)).toMatchObject({ type: "failed", error: { code: "MODEL_SAID_NOTHING" } })
      expect((yield* (yield* Usage).of(actor)).tokensUsed).toBe(75)
    }),
  )
})
