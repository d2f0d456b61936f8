import type { MessageWithMetadata } from "../../domain/conversations/Conversations/Model"

export const roleNames = { user: "User", assistant: "Assistant" }

interface SectionOptions {
  readonly withTime: boolean
  /** Paragraphs to add below the message. */
  readonly notes?: ReadonlyArray<string>
}

/** Formats a message as a section in Markdown, with its content unchanged. */
export const markdownSection = (
  { role, createdAt, content, attachments }: MessageWithMetadata,
  { withTime, notes = [] }: SectionOptions,
) =>
  [
    `## ${roleNames[role]}`,
    ...(withTime ? [`*${createdAt.toISOString()}*`] : []),
    content,
    ...attachments.map(({ name, mediaType }) => `- ${name} (${mediaType})`),
    ...notes,
  ].join("\n\n")

/** Joins the title and the sections of a document in Markdown. */
export const toMarkdown = (title: string, sections: ReadonlyArray<string>) =>
  `${[`# ${title}`, ...sections].join("\n\n")}\n`

const plainSection = ({ role, createdAt, content, attachments }: MessageWithMetadata) =>
  [
    `${roleNames[role]}, ${createdAt.toISOString()}`,
    content,
    ...attachments.map(({ name, mediaType }) => `Attachment: ${name} (${mediaType})`),
  ].join("\n\n")

/** Formats a conversation as plain text, with the content of its messages unchanged. */
export const toPlainText = (title: string, messages: ReadonlyArray<MessageWithMetadata>) =>
  `${[title, ...messages.map(plainSection)].join("\n\n\n")}\n`
