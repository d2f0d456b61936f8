import { expect } from "bun:test"
import { Chunk, Effect, Stream } from "effect"
import { Assistants } from "../../../src/domain/assistants/Assistants"
import { Arena } from "../../../src/domain/chat/Arena"
import type { ArenaSessionId } from "../../../src/domain/conversations/Conversations/Model"
import type { GenerationEvent } from "../../../src/domain/generation/Generations/Model"
import type { Actor } from "../../../src/domain/shared/Actor"

/** Creates `count` assistants of the actor, each with its own model and instructions. */
export const createContenders = Effect.fn(function* (actor: Actor, count: number) {
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

/** Collects the events of all lanes until each generation has finished. */
export const collectAll = (lanes: ReadonlyArray<Lane>) =>
  Effect.forEach(lanes, ({ events }) => Effect.map(Stream.runCollect(events), Chunk.toReadonlyArray), {
    concurrency: "unbounded",
  })

/** Returns an arena session's messages as lines of speaker and content. */
export const transcriptLines = Effect.fn(function* (actor: Actor, id: ArenaSessionId) {
  const { session, messages } = yield* (yield* Arena).get(actor, id)
  expect(session.messageCount).toBe(messages.length)
  const lane = new Map(session.lanes.map(({ assistantId }, index) => [assistantId, `${index}`]))
  return messages.map(({ role, assistantId, content }) => {
    expect(role).toBe(assistantId === null ? "user" : "assistant")
    return `${assistantId === null ? "user" : lane.get(assistantId)}: ${content}`
  })
})
