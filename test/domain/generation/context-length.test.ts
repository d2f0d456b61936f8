import { expect } from "bun:test"
import { Effect, Stream } from "effect"
import { Completions } from "../../../src/domain/chat/Completions"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { Generations } from "../../../src/domain/generation/Generations"
import { Models } from "../../../src/domain/models/Models"
import { estimateTokens } from "../../../src/domain/shared/TokenEstimate"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import * as TestLayer from "../../support/testLayer"

const contextLength = 4096
const model = "openai/small"

/** Lists a model with a small context window, as vLLM does. */
const listSmallModel = Effect.gen(function* () {
  yield* (yield* Provider).setListResponse(() =>
    Response.json({ data: [{ id: "small", max_model_len: contextLength }] }),
  )
  yield* (yield* Models).refresh
})

/** Returns the last request: its output limit, and what its messages are estimated at. */
const lastRequest = Effect.gen(function* () {
  const body = (yield* Provider).requests.at(-1)?.body
  const contents = body?.messages.map(({ content }) => String(content)) ?? []
  return {
    maxTokens: body?.max_tokens ?? 0,
    contents,
    promptTokens: contents.reduce((sum, content) => sum + estimateTokens(content), 0),
  }
})

layer(TestLayer.layer({ TOKENS_LIMIT: "1000000" }))("A model with a small context window", (it) => {
  it.live("gets an output limit that fits in with the prompt", () =>
    Effect.gen(function* () {
      yield* listSmallModel
      const actor = yield* TestLayer.newActor()
      const { conversation } = yield* (yield* Conversations).getOrCreateEmpty(actor)
      const { events } = yield* (yield* Generations).start(
        actor,
        { conversationId: conversation.id, content: "hello" },
        { model },
      )
      yield* Stream.runDrain(events)
      const generated = yield* lastRequest
      expect(generated.maxTokens).toBeGreaterThan(4000)
      expect(generated.maxTokens + generated.promptTokens).toBeLessThanOrEqual(contextLength)
      yield* (yield* Completions).complete(actor, { model, messages: [{ role: "user", content: "hello" }] })
      const completed = yield* lastRequest
      expect(completed.maxTokens).toBeGreaterThan(4000)
      expect(completed.maxTokens + completed.promptTokens).toBeLessThanOrEqual(contextLength)
    }),
  )

  it.live("gets the end of a conversation that leaves room for the answer", () =>
    Effect.gen(function* () {
      yield* listSmallModel
      const actor = yield* TestLayer.newActor()
      const { conversation } = yield* (yield* Conversations).getOrCreateEmpty(actor)
      for (const name of ["one", "two", "three", "four"]) {
        const content = `${name} ${"x".repeat(1500)}`
        const { events } = yield* (yield* Generations).start(
          actor,
          { conversationId: conversation.id, content },
          { model, maxOutputTokens: 1000 },
        )
        yield* Stream.runDrain(events)
      }
      const { maxTokens, contents, promptTokens } = yield* lastRequest
      expect(maxTokens).toBe(1000)
      expect(promptTokens).toBeLessThanOrEqual(contextLength - 1000)
      expect(promptTokens).toBeGreaterThan(2000)
      expect(contents.at(-1)).toStartWith("four")
      expect(contents.some((content) => content.startsWith("one"))).toBe(false)
    }),
  )
})
