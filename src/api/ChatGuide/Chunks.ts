import type { Generation, GenerationEvent } from "../../domain/generation/Generations/Model"
import * as Sse from "../../http/Sse"
import { errorBody } from "./Body"

/**
 * Returns the function that renders a generation's events as this contract's SSE frames, or as "" if
 * the contract has no such event. The prompt is chunk 0 and the deltas are chunks 1, 2, …: a delta's
 * index is its sequence number, which starts at 2, minus one.
 */
export const chunkFrames = (generation: Generation, requestId: string) => {
  const stringify = JSON.stringify
  const prefix = `{"data":{"messageId":${stringify(generation.answerId)},"previousMessageId":${stringify(generation.promptId)},"chatId":${stringify(generation.conversationId)},"role":"assistant","content":`
  const suffix = `,"createdAt":${stringify(generation.startedAt.toISOString())}}}`

  const failure = (error: { readonly code: string; readonly message: string }) =>
    stringify(errorBody.make({ status: 502, ...error }, requestId))

  return (event: GenerationEvent): string => {
    switch (event.type) {
      case "prompt": {
        const { messageId, previousMessageId, conversationId, content, createdAt } = event
        const chunk = {
          messageId,
          previousMessageId,
          chatId: conversationId,
          role: "user",
          content,
          index: 0,
          createdAt,
        }
        return Sse.event({ id: event.seq, data: stringify({ data: chunk }) })
      }
      case "delta":
        return Sse.event({
          id: event.seq,
          data: `${prefix}${stringify(event.text)},"index":${event.seq - 1}${suffix}`,
        })
      case "failed":
        return Sse.event({ id: event.seq, event: "error", data: failure(event.error) })
      case "interrupted":
        return Sse.event({
          id: event.seq,
          event: "error",
          data: failure({
            code: "INTERRUPTED",
            message: "The server shut down while generating this answer.",
          }),
        })
      default:
        return ""
    }
  }
}
