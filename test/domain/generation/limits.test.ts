import { expect } from "bun:test"
import { Chunk, Effect, Stream } from "effect"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { Generations } from "../../../src/domain/generation/Generations"
import { concatDeltas } from "../../../src/domain/generation/Generations/EventBuffer"
import type { GenerationId } from "../../../src/domain/generation/Generations/Model"
import { Usage } from "../../../src/domain/operations/Usage"
import type { Actor } from "../../../src/domain/shared/Actor"
import { estimateTokens, tokensPerMessage } from "../../../src/domain/shared/TokenEstimate"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import {
  answer,
  done,
  exactAnswer,
  finish,
  Latch,
  stall,
  usage,
  waitFor,
} from "../../support/ScriptedProvider/Script"
import * as TestLayer from "../../support/testLayer"

const startGeneration = Effect.fn(function* (actor: Actor, content: string) {
  const { conversation } = yield* (yield* Conversations).getOrCreateEmpty(actor)
  return yield* (yield* Generations).start(actor, { conversationId: conversation.id, content })
})

const readLog = Effect.fn(function* (actor: Actor, id: GenerationId) {
  const { events } = yield* (yield* Generations).events(actor, id, -1)
  return Chunk.toReadonlyArray(yield* Stream.runCollect(events))
})

layer(TestLayer.layer({ TOKENS_LIMIT: "1000", MAX_OUTPUT_TOKENS: "300" }))(
  "Generations under a token limit",
  (it) => {
    it.live("starts only as many concurrent generations as the limit covers", () =>
      Effect.gen(function* () {
        const actor = yield* TestLayer.newActor()
        const gate = new Latch()
        const provider = yield* Provider
        yield* provider.setResponder(() => answer("x", waitFor(gate)))
        const generations = yield* Generations
        const conversations = yield* Conversations
        const { conversation } = yield* conversations.getOrCreateEmpty(actor)
        const conversationId = conversation.id
        const outcomes = yield* Effect.forEach(
          Array.from({ length: 20 }, () => "hi"),
          (content) => Effect.either(generations.start(actor, { conversationId, content })),
          { concurrency: "unbounded" },
        )
        const started = outcomes.flatMap((outcome) => (outcome._tag === "Right" ? [outcome.right] : []))
        const errors = outcomes.flatMap((outcome) => (outcome._tag === "Left" ? [outcome.left._tag] : []))
        expect(started.length).toBe(3)
        expect(new Set(errors)).toEqual(new Set(["TokenLimitReached"]))
        expect(
          provider.requests.every(({ body }) => (body.max_completion_tokens ?? body.max_tokens) === 300),
        ).toBe(true)
        gate.open()
        yield* Effect.forEach(
          started,
          ({ generation }) =>
            Effect.flatMap(generations.events(actor, generation.id, -1), ({ events }) =>
              Stream.runDrain(events),
            ),
          { concurrency: "unbounded" },
        )
        const { total } = yield* conversations.messages(actor, conversationId, { page: 1, limit: 1 })
        expect(total).toBe(6)
      }),
    )

    it.live("charges the prompt when a generation is stopped before any text", () =>
      Effect.gen(function* () {
        const actor = yield* TestLayer.newActor()
        const provider = yield* Provider
        const before = provider.requests.length
        yield* provider.script(answer(waitFor(new Latch()), "never"))
        const { generation } = yield* startGeneration(actor, "tell me of rivers ".repeat(40))
        yield* provider.received(before)
        expect((yield* (yield* Generations).stop(actor, generation.id)).state).toBe("stopped")
        const { tokensUsed } = yield* (yield* Usage).getAccount(actor)
        expect(tokensUsed).toBeGreaterThan(100)
        expect((yield* readLog(actor, generation.id)).at(-1)).toMatchObject({
          type: "stopped",
          usage: { promptTokens: tokensUsed, completionTokens: 0 },
        })
      }),
    )
  },
)

layer(TestLayer.layer({ MAX_ANSWER_CHARACTERS: "1000" }))("Generations with a maximum length", (it) => {
  it.live("completes an endless answer with the text so far, and aborts the provider's call", () =>
    Effect.gen(function* () {
      const actor = yield* TestLayer.newActor()
      const provider = yield* Provider
      const before = provider.requests.length
      yield* provider.script(answer("on and ".repeat(150), stall))
      const { generation } = yield* startGeneration(actor, "Speak")
      const log = yield* readLog(actor, generation.id)
      expect(log.at(-1)).toMatchObject({ type: "completed", reason: "length" })
      expect(concatDeltas(log)).toBe("on and ".repeat(150))
      expect(yield* (yield* provider.received(before)).outcome).toBe("aborted")
    }),
  )
})

layer(TestLayer.layer({ LLM_STREAM_TIMEOUT: "1 second" }))("Generations with a maximum duration", (it) => {
  it.live("completes an overdue answer with the text so far, and aborts the provider's call", () =>
    Effect.gen(function* () {
      const actor = yield* TestLayer.newActor()
      const provider = yield* Provider
      const before = provider.requests.length
      yield* provider.script(answer("so far", stall))
      const { generation } = yield* startGeneration(actor, "Speak")
      const log = yield* readLog(actor, generation.id)
      expect([log.at(-1), concatDeltas(log)]).toMatchObject([
        { type: "completed", reason: "length" },
        "so far",
      ])
      expect(yield* (yield* provider.received(before)).outcome).toBe("aborted")
    }),
  )

  it.live("fails an overdue answer without text, and charges the prompt", () =>
    Effect.gen(function* () {
      const actor = yield* TestLayer.newActor()
      yield* (yield* Provider).script(exactAnswer(stall))
      const { generation } = yield* startGeneration(actor, "Think")
      const log = yield* readLog(actor, generation.id)
      expect(log.at(-1)).toMatchObject({ type: "failed", error: { code: "EMPTY_RESPONSE" } })
      expect((yield* (yield* Usage).getAccount(actor)).tokensUsed).toBe(
        estimateTokens("Think") + tokensPerMessage,
      )
    }),
  )

  it.live("charges the provider's token counts for an answer that is reasoning only", () =>
    Effect.gen(function* () {
      const actor = yield* TestLayer.newActor()
      yield* (yield* Provider).script(exactAnswer(finish("length"), usage(5, 70), done))
      const { generation } = yield* startGeneration(actor, "Think")
      const log = yield* readLog(actor, generation.id)
      expect(log.at(-1)).toMatchObject({ type: "failed", error: { code: "EMPTY_RESPONSE" } })
      expect((yield* (yield* Usage).getAccount(actor)).tokensUsed).toBe(75)
    }),
  )
})
