import { Effect, Stream } from "effect"
import { Conversations } from "../../../domain/conversations/Conversations"
import type { GenerationEvent, Generation as Run } from "../../../domain/generation/Generations/Model"
import type { Actor } from "../../../domain/shared/Actor"
import { toMessage } from "../Conversations/Body"
import { failureOf, type Tell } from "./Emitter"

interface Followed {
  readonly run: Run
  readonly events: Stream.Stream<GenerationEvent>
}

/** Reads a run once and tells what happens in it, in the words of the document. */
export const makeRelay = Effect.gen(function* () {
  const conversations = yield* Conversations

  /** To the end of the run. A prompt is told of only where it is new to those who listen. */
  return (actor: Actor, { run, events }: Followed, tell: Tell, options: { readonly tellPrompt: boolean }) => {
    const conversation_id = run.conversationId
    const about = { message_id: run.answerId ?? run.id, conversation_id }

    const complete = Effect.gen(function* () {
      if (run.answerId === null) return
      const { content, metadata } = toMessage(yield* conversations.message(actor, run.answerId))
      tell("message_complete", { ...about, content, ...(metadata === undefined ? {} : { metadata }) })
    })

    const saved = Effect.gen(function* () {
      const message = toMessage(yield* conversations.message(actor, run.promptId))
      tell("message_saved", { message, conversation_id })
    })

    const say = (event: GenerationEvent) => {
      switch (event.type) {
        case "prompt":
          return options.tellPrompt ? Effect.ignore(saved) : Effect.void
        case "started":
          return Effect.sync(() => tell("message_start", { ...about, generation_id: run.id }))
        case "delta":
          return Effect.sync(() => tell("message_chunk", { ...about, content: event.text, index: event.seq }))
        case "completed":
          return Effect.ignore(complete)
        case "stopped":
          return Effect.sync(() => tell("generation_stopped", about))
        case "failed":
        case "interrupted":
          return Effect.sync(() => tell("message_error", { ...about, ...failureOf(event) }))
      }
    }
    return Stream.runForEach(events, say)
  }
})
