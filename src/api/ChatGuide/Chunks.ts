import { Schema } from "effect"
import { ConversationId, MessageId } from "../../domain/conversations/Conversations/Model"
import type { Generation, GenerationEvent } from "../../domain/generation/Generations/Model"
import { example } from "../../http/Example"
import { Timestamp } from "../../http/Params"
import * as Sse from "../../http/Sse"
import { errorBody, exampleChatId } from "./Body"

/** The data of an event: the prompt, or a chunk of the answer to it. */
export const ChatGuideChunk = Schema.Struct({
  data: Schema.Struct({
    messageId: MessageId,
    previousMessageId: Schema.NullOr(MessageId),
    chatId: ConversationId,
    role: Schema.Literal("user", "assistant"),
    content: Schema.String,
    index: Schema.Int,
    createdAt: Timestamp,
  }),
}).annotations({
  identifier: "ChatGuideChunk",
  ...example({
    data: {
      messageId: "019bc0f1-2b49-7c3a-9d52-7b1f3c5d9e02",
      previousMessageId: "019bc0f1-2b48-7c3a-9d52-5d0f7e1b9a34",
      chatId: exampleChatId,
      role: "assistant",
      content: "Kyoto, for the ",
      index: 1,
      createdAt: "2026-01-15T09:30:14.000Z",
    },
  }),
})

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
    stringify(errorBody.make({ status: 502, ...error }, requestId, new Date()))

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
