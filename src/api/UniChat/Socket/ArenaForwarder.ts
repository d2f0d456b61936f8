import { Effect, Stream } from "effect"
import type { AssistantId } from "../../../domain/assistants/Assistants/Model"
import { Arena } from "../../../domain/chat/Arena"
import type { ArenaSessionId } from "../../../domain/conversations/Conversations/Model"
import type { Generation, GenerationEvent } from "../../../domain/generation/Generations/Model"
import type { Actor } from "../../../domain/shared/Actor"
import { encodeArenaMessage } from "../Arena/Body"
import { type Emit, toErrorPayload } from "./SocketContext"

/** The generation of one config's answer in a session. */
export interface Lane {
  readonly sessionId: ArenaSessionId
  readonly assistantId: AssistantId
  readonly generation: Generation
  readonly events: Stream.Stream<GenerationEvent>
}

/** Makes the function that translates the events of a config's generation into the document's Socket.IO events. */
export const makeArenaForwarder = Effect.gen(function* () {
  const arena = yield* Arena

  /** Emits a generation's events until it ends. Runs `onStop` in place of emitting that it was stopped. */
  return (
    actor: Actor,
    { sessionId, assistantId, generation, events }: Lane,
    emit: Emit,
    onStop: Effect.Effect<void>,
  ) => {
    const ids = {
      config_id: assistantId,
      message_id: generation.answerId ?? generation.id,
      session_id: sessionId,
    }

    const emitComplete = Effect.gen(function* () {
      if (generation.answerId === null) return
      const { content, metadata } = encodeArenaMessage(
        yield* arena.message(actor, sessionId, generation.answerId),
      )
      emit("arena_message_complete", { ...ids, content, ...(metadata === undefined ? {} : { metadata }) })
    })

    const onEvent = (event: GenerationEvent) => {
      switch (event.type) {
        case "prompt":
          return Effect.void
        case "started":
          return Effect.sync(() => emit("arena_message_start", { ...ids, generation_id: generation.id }))
        case "delta":
          return Effect.sync(() =>
            emit("arena_message_chunk", { ...ids, content: event.text, index: event.seq }),
          )
        case "completed":
          return Effect.ignore(emitComplete)
        case "stopped":
          return onStop
        case "failed":
        case "interrupted":
          return Effect.sync(() => emit("arena_message_error", { ...ids, ...toErrorPayload(event) }))
      }
    }
    return Stream.runForEach(events, onEvent)
  }
})
