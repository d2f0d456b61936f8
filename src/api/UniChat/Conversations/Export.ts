import { HttpServerResponse } from "@effect/platform"
import { Schema } from "effect"
import type {
  Conversation,
  ConversationWithMessages,
  MessageWithMetadata,
} from "../../../domain/conversations/Conversations/Model"
import { exportDisposition } from "../../../http/ConversationExport/Disposition"
import { markdownSection, toMarkdown } from "../../../http/ConversationExport/Text"
import { example } from "../../../http/Example"
import { renamed } from "../../../http/Fields"
import { ConversationBody, MessageBody } from "./Body"

const metadataLine = ({ metadata }: MessageWithMetadata) =>
  metadata === null
    ? []
    : [
        `*${metadata.model} · ${metadata.promptTokens} + ${metadata.completionTokens} tokens · ${metadata.milliseconds} ms${
          metadata.costUsd === null ? "" : ` · $${metadata.costUsd}`
        }*`,
      ]

/** Formats a conversation as Markdown; `withMetadata` adds times, models and tokens. */
const markdownOf = (
  conversation: Conversation,
  messages: ReadonlyArray<MessageWithMetadata>,
  withMetadata: boolean,
): string => {
  const about = [
    `- **Created:** ${conversation.createdAt.toISOString()}`,
    `- **Messages:** ${conversation.messageCount}`,
    `- **Tokens:** ${conversation.inputTokens + conversation.outputTokens}`,
    ...(conversation.tags.length === 0 ? [] : [`- **Tags:** ${conversation.tags.join(", ")}`]),
  ].join("\n")
  return toMarkdown(conversation.title, [
    ...(withMetadata ? [about] : []),
    ...messages.map((message) =>
      markdownSection(message, { withTime: withMetadata, notes: withMetadata ? metadataLine(message) : [] }),
    ),
  ])
}

/** An exported conversation as JSON. */
export const ConversationExport = Schema.Struct({
  conversation: ConversationBody,
  messages: Schema.Array(MessageBody),
  exportedAt: renamed("exported_at", Schema.Date.annotations(example("2026-01-15T09:45:00.000Z"))),
}).annotations({ identifier: "ConversationExport" })

const encodeExport = Schema.encodeSync(ConversationExport)

/** Returns a conversation as a file; `metadata` adds times, models and tokens. */
export const exportResponse = (
  { conversation, messages }: ConversationWithMessages,
  { format, metadata }: { readonly format: "json" | "markdown"; readonly metadata: boolean },
  now: Date,
) => {
  const headers = {
    "content-disposition": exportDisposition(
      "conversation",
      conversation.title,
      format === "json" ? "json" : "md",
      now,
    ),
  }
  if (format === "markdown") {
    return HttpServerResponse.text(markdownOf(conversation, messages, metadata), {
      contentType: "text/markdown; charset=utf-8",
      headers,
    })
  }
  const exported = metadata ? messages : messages.map((message) => ({ ...message, metadata: null }))
  return HttpServerResponse.unsafeJson(encodeExport({ conversation, messages: exported, exportedAt: now }), {
    headers,
  })
}
