import type OpenAI from "openai"
import type { FilePart, ModelMessage } from "../../domain/models/LanguageModel"

type Message = OpenAI.Chat.ChatCompletionMessageParam
type Part = OpenAI.Chat.ChatCompletionContentPart

/**
 * Returns whether a model can read the file as text. That includes SVG, which no provider accepts as an
 * image.
 */
const isText = ({ mediaType }: FilePart) =>
  /^text\/|^application\/(?:x-)?(?:json|ndjson|xml|yaml|toml|javascript|typescript|sql|sh)\b|\+(?:json|xml|yaml)\b/i.test(
    mediaType,
  )

const inlineText = ({ name, bytes }: FilePart) => `${name}:\n\n${new TextDecoder().decode(bytes)}`

/** Converts an image or a document to a content part. */
const toPart = ({ kind, name, mediaType, bytes }: FilePart): Part => {
  const url = `data:${mediaType};base64,${Buffer.from(bytes).toString("base64")}`
  return kind === "image"
    ? { type: "image_url", image_url: { url } }
    : { type: "file", file: { filename: name, file_data: url } }
}

/**
 * Converts a message to the chat completions format. Text files are inlined under their names, because
 * self-hosted servers often accept only a string; empty parts are omitted, because all providers reject them.
 */
export const toMessage = ({ role, content, files = [] }: ModelMessage): Message => {
  if (role !== "user" || files.length === 0) return { role, content }
  const texts = [...files.filter(isText).map(inlineText), content].filter((text) => text !== "")
  const text = texts.join("\n\n")
  const parts = files.filter((file) => !isText(file)).map(toPart)
  if (parts.length === 0) return { role, content: text }
  return { role, content: text === "" ? parts : [...parts, { type: "text", text }] }
}
