import { Effect, Stream } from "effect"
import { Conversations } from "../../../domain/conversations/Conversations"
import type { Generation, GenerationEvent } from "../../../domain/generation/Generations/Model"
import type { Actor } from "../../../domain/shared/Actor"
import { encodeMessage } from "../Conversations/Body"
import { type Emit, toErrorPayload } from "./SocketContext"

interface FollowedGeneration {
  readonly generation: Generation
  readonly events: Stream.Stream<GenerationEvent>
}

/** Makes the function that translates a generation's events into the document's Socket.IO events. */
export const makeGenerationForwarder = Effect.gen(function* () {
  const conversations = yield* Conversations

  /** Emits a generation's events until it ends. Set `emitPrompt` if the prompt is new to the receivers. */
  return (
    actor: Actor,
    { generation, events }: FollowedGeneration,
    emit: Emit,
    options: { readonly emitPrompt: boolean },
  ) => {
    const conversation_id = generation.conversationId
    const ids = { message_id: generation.answerId ?? generation.id, conversation_id }

    const emitComplete = Effect.gen(function* () {
      if (generation.answerId === null) return
      const { content, metadata } = encodeMessage(yield* conversations.message(actor, generation.answerId))
      emit("message_complete", { ...ids, content, ...(metadata === undefined ? {} : { metadata }) })
    })

    const emitSaved = Effect.gen(function* () {
      const message = encodeMessage(yield* conversations.message(actor, generation.promptId))
      emit("message_saved", { message, conversation_id })
    })

    const onEvent = (event: GenerationEvent) => {
      switch (event.type) {
        case "prompt":
          return options.emitPrompt ? Effect.ignore(emitSaved) : Effect.void
        case "started":
          return Effect.sync(() => emit("message_start", { ...ids, generation_id: generation.id }))
        case "delta":
          return Effect.sync(() => emit("message_chunk", { ...ids, content: event.text, index: event.seq }))
        case "completed":
          return Effect.ignore(emitComplete)
        case "stopped":
          return Effect.sync(() => emit("generation_stopped", ids))
        case "failed":
        case "interrupted":
          return Effect.sync(() => emit("message_error", { ...ids, ...toErrorPayload(event) }))
      }
    }
    return Stream.runForEach(events, onEvent)
  }
})
