import { create as contentDisposition } from "content-disposition"
import type { Conversation, MessageDetails } from "../../../domain/conversations/Conversations/Model"
import { toConversation, toMessage } from "./Body"

const speakers = { user: "User", assistant: "Assistant" }

/** What a file's name may not hold on some system or other. */
const unfit = /[\p{Cc}\p{Cf}/\\:*?"<>|]+/gu

/** As much of a title as leaves the whole name below 255 bytes in any script: more is no name to some systems. */
const shorten = (title: string) => title.slice(0, 60).replace(/[\uD800-\uDBFF]$/, "")

/**
 * Names the file in every script: once for all clients, once more for those that read only ASCII.
 * That one always stands in quotation marks, as the document has it and some clients look for it.
 */
export const disposition = (title: string, extension: "json" | "md", now: Date) => {
  const name = shorten(title.replace(unfit, "_").trim()).replaceAll(" ", "_")
  const file = `conversation_${name}_${now.toISOString().slice(0, 10)}.${extension}`
  const fallback = file.replace(/[^\x20-\x7e]/gu, "_")
  return contentDisposition(file, { fallback }).replace(/ filename=([^";]+)/, ' filename="$1"')
}

const aboutAnswer = ({ metadata }: MessageDetails) =>
  metadata === null
    ? []
    : [
        `*${metadata.model} · ${metadata.promptTokens} + ${metadata.completionTokens} tokens · ${metadata.milliseconds} ms${
          metadata.costUsd === null ? "" : ` · $${metadata.costUsd}`
        }*`,
      ]

const section = (message: MessageDetails, withMetadata: boolean) =>
  [
    `## ${speakers[message.role]}`,
    ...(withMetadata ? [`*${message.createdAt.toISOString()}*`] : []),
    message.content,
    ...message.attachments.map(({ name, mediaType }) => `- ${name} (${mediaType})`),
    ...(withMetadata ? aboutAnswer(message) : []),
  ].join("\n\n")

/** A conversation to be read: Markdown, with times, models and tokens if they are wanted. */
export const toMarkdown = (
  conversation: Conversation,
  messages: ReadonlyArray<MessageDetails>,
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
    ...messages.map((message) => section(message, withMetadata)),
  ]
  return `${parts.join("\n\n")}\n`
}

/** The same to be read by programs. */
export const toJson = (
  conversation: Conversation,
  messages: ReadonlyArray<MessageDetails>,
  withMetadata: boolean,
  now: Date,
) => ({
  conversation: toConversation(conversation),
  messages: messages.map((message) => {
    const { metadata, ...said } = toMessage(message)
    return withMetadata && metadata !== undefined ? { ...said, metadata } : said
  }),
  exported_at: now.toISOString(),
})
