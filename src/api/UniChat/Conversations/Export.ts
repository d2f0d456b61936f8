import { create as contentDisposition } from "content-disposition"
import type { Conversation, MessageWithMetadata } from "../../../domain/conversations/Conversations/Model"
import { toConversation, toMessage } from "./Body"

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
export const disposition = (title: string, extension: "json" | "md", now: Date) => {
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
export const toMarkdown = (
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

/** Formats a conversation as a JSON document; `withMetadata` adds models and tokens. */
export const toJson = (
  conversation: Conversation,
  messages: ReadonlyArray<MessageWithMetadata>,
  withMetadata: boolean,
  now: Date,
) => ({
  conversation: toConversation(conversation),
  messages: messages.map((message) => {
    const { metadata, ...body } = toMessage(message)
    return withMetadata && metadata !== undefined ? { ...body, metadata } : body
  }),
  exported_at: now.toISOString(),
})
