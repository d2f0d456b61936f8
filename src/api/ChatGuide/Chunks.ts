import type { Generation, GenerationEvent } from "../../domain/generation/Generations/Model"
import * as Sse from "../../http/Sse"
import { errorShape } from "./Body"

/**
 * Turns a run's events into this contract's SSE frames; those it knows nothing of become "".
 * The prompt is chunk 0 and the deltas are 1, 2, …: a delta's index is its number in the log,
 * which starts at 2, less one.
 */
export const chunkFrames = (run: Generation, requestId: string) => {
  const quoted = JSON.stringify
  const beforeText = `{"data":{"messageId":${quoted(run.answerId)},"previousMessageId":${quoted(run.promptId)},"chatId":${quoted(run.conversationId)},"role":"assistant","content":`
  const afterIndex = `,"createdAt":${quoted(run.startedAt.toISOString())}}}`

  const failure = (error: { readonly code: string; readonly message: string }) =>
    quoted(errorShape.body({ status: 502, ...error }, requestId))

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
        return Sse.event({ id: event.seq, data: quoted({ data: chunk }) })
      }
      case "delta":
        return Sse.event({
          id: event.seq,
          data: `${beforeText}${quoted(event.text)},"index":${event.seq - 1}${afterIndex}`,
        })
      case "failed":
        return Sse.event({ id: event.seq, event: "error", data: failure(event.error) })
      case "interrupted":
        return Sse.event({
          id: event.seq,
          event: "error",
          data: failure({
            code: "INTERRUPTED",
            message: "The server stopped while it was writing this answer.",
          }),
        })
      default:
        return ""
    }
  }
}
