import { expect } from "bun:test"
import { Chunk, Effect, Stream } from "effect"
import { Assistants } from "../../../src/domain/assistants/Assistants"
import { Arena } from "../../../src/domain/chat/Arena"
import type { ArenaSessionId } from "../../../src/domain/conversations/Conversations/Model"
import type { GenerationEvent } from "../../../src/domain/generation/Generations/Model"
import type { Actor } from "../../../src/domain/shared/Actor"

/** So many assistants of this actor's, each with a model and instructions of its own. */
export const contenders = Effect.fn(function* (actor: Actor, count: number) {
  const assistants = yield* Assistants
  return yield* Effect.forEach(
    Array.from({ length: count }, (_, index) => index),
    (index) =>
      Effect.map(
        assistants.create(actor, {
          name: `Contender ${index}`,
          modelId: `openai/model-${index}`,
          systemPrompt: `You are number ${index}.`,
        }),
        ({ id }) => id,
      ),
  )
})

type Lane = { readonly events: Stream.Stream<GenerationEvent> }

export const toTheEnd = (lanes: ReadonlyArray<Lane>) =>
  Effect.forEach(lanes, ({ events }) => Effect.map(Stream.runCollect(events), Chunk.toReadonlyArray), {
    concurrency: "unbounded",
  })

export const said = (events: ReadonlyArray<GenerationEvent>) =>
  events.map((event) => (event.type === "delta" ? event.text : "")).join("")

/** What a session says, as lines of who and what. */
export const linesOf = Effect.fn(function* (actor: Actor, id: ArenaSessionId) {
  const { session, messages } = yield* (yield* Arena).get(actor, id)
  expect(session.messageCount).toBe(messages.length)
  const lane = new Map(session.lanes.map(({ assistantId }, index) => [assistantId, `${index}`]))
  return messages.map(({ role, assistantId, content }) => {
    expect(role).toBe(assistantId === null ? "user" : "assistant")
    return `${assistantId === null ? "user" : lane.get(assistantId)}: ${content}`
  })
})
