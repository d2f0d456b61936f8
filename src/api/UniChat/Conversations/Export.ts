import { HttpServerResponse } from "@effect/platform"
import { create as contentDisposition } from "content-disposition"
import { Schema } from "effect"
import type {
  Conversation,
  ConversationWithMessages,
  MessageWithMetadata,
} from "../../../domain/conversations/Conversations/Model"
import { example } from "../../../http/Example"
import { renamed } from "../../../http/Fields"
import { ConversationBody, MessageBody } from "./Body"

const roleNames = { user: "User", assistant: "Assistant" }

/** Characters that some operating system does not allow in a file name. */
const illegalFileNameChars = /[\p{Cc}\p{Cf}/\\:*?"<>|]+/gu

/** Truncates a title so that the file name stays below 255 bytes in any script, the limit of common file systems. */
const truncateTitle = (title: string) => title.slice(0, 60).replace(/[\uD800-\uDBFF]$/, "")

/**
 * Returns the Content-Disposition header of an export: the file name in UTF-8, and an ASCII fallback for
 * clients that read nothing else. The fallback is always quoted, as in the contract's document, because
 * some clients look for the quotation marks.
 */
const disposition = (title: string, extension: "json" | "md", now: Date) => {
  const name = truncateTitle(title.replace(illegalFileNameChars, "_").trim()).replaceAll(" ", "_")
  const fileName = `conversation_${name}_${now.toISOString().slice(0, 10)}.${extension}`
  const asciiFallback = fileName.replace(/[^\x20-\x7e]/gu, "_")
  return contentDisposition(fileName, { fallback: asciiFallback }).replace(
    / filename=([^";]+)/,
    ' filename="$1"',
  )
}

const metadataLine = ({ metadata }: MessageWithMetadata) =>
  metadata === null
    ? []
    : [
        `*${metadata.model} · ${metadata.promptTokens} + ${metadata.completionTokens} tokens · ${metadata.milliseconds} ms${
          metadata.costUsd === null ? "" : ` · $${metadata.costUsd}`
        }*`,
      ]

const messageSection = (message: MessageWithMetadata, withMetadata: boolean) =>
  [
    `## ${roleNames[message.role]}`,
    ...(withMetadata ? [`*${message.createdAt.toISOString()}*`] : []),
    message.content,
    ...message.attachments.map(({ name, mediaType }) => `- ${name} (${mediaType})`),
    ...(withMetadata ? metadataLine(message) : []),
  ].join("\n\n")

/** Formats a conversation as Markdown; `withMetadata` adds times, models and tokens. */
const toMarkdown = (
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
  const parts = [
    `# ${conversation.title}`,
    ...(withMetadata ? [about] : []),
    ...messages.map((message) => messageSection(message, withMetadata)),
  ]
  return `${parts.join("\n\n")}\n`
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
    "content-disposition": disposition(conversation.title, format === "json" ? "json" : "md", now),
  }
  if (format === "markdown") {
    return HttpServerResponse.text(toMarkdown(conversation, messages, metadata), {
      contentType: "text/markdown; charset=utf-8",
      headers,
    })
  }
  const exported = metadata ? messages : messages.map((message) => ({ ...message, metadata: null }))
  return HttpServerResponse.unsafeJson(encodeExport({ conversation, messages: exported, exportedAt: now }), {
    headers,
  })
}
