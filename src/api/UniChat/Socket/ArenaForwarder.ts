import { Effect, Stream } from "effect"
import type { AssistantId } from "../../../domain/assistants/Assistants/Model"
import { Arena } from "../../../domain/chat/Arena"
import type { ArenaSessionId } from "../../../domain/conversations/Conversations/Model"
import type { GenerationEvent, Generation as Run } from "../../../domain/generation/Generations/Model"
import type { Actor } from "../../../domain/shared/Actor"
import { toArenaMessage } from "../Arena/Body"
import { failureOf, type Tell } from "./Emitter"

/** A config's answer, in the making. */
export interface Lane {
  readonly sessionId: ArenaSessionId
  readonly assistantId: AssistantId
  readonly run: Run
  readonly events: Stream.Stream<GenerationEvent>
}

/** Reads the run of a config's answer once and tells what happens in it, in the words of the document. */
export const makeArenaRelay = Effect.gen(function* () {
  const arena = yield* Arena

  /** To the end of the run. That it was stopped is told by `onStop`. */
  return (
    actor: Actor,
    { sessionId, assistantId, run, events }: Lane,
    tell: Tell,
    onStop: Effect.Effect<void>,
  ) => {
    const about = {
      config_id: assistantId,
      message_id: run.answerId ?? run.id,
      session_id: sessionId,
    }

    const complete = Effect.gen(function* () {
      if (run.answerId === null) return
      const { content, metadata } = toArenaMessage(yield* arena.message(actor, sessionId, run.answerId))
      tell("arena_message_complete", { ...about, content, ...(metadata === undefined ? {} : { metadata }) })
    })

    const say = (event: GenerationEvent) => {
      switch (event.type) {
        case "prompt":
          return Effect.void
        case "started":
          return Effect.sync(() => tell("arena_message_start", { ...about, generation_id: run.id }))
        case "delta":
          return Effect.sync(() =>
            tell("arena_message_chunk", { ...about, content: event.text, index: event.seq }),
          )
        case "completed":
          return Effect.ignore(complete)
        case "stopped":
          return onStop
        case "failed":
        case "interrupted":
          return Effect.sync(() => tell("arena_message_error", { ...about, ...failureOf(event) }))
      }
    }
    return Stream.runForEach(events, say)
  }
})
