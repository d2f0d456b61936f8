import type OpenAI from "openai"
import type { Enclosure, Turn } from "../../domain/models/LanguageModel"

type Message = OpenAI.Chat.ChatCompletionMessageParam
type Part = OpenAI.Chat.ChatCompletionContentPart

/** What a model can read as it stands; an SVG is one of these too, and no picture to any provider. */
const isText = ({ mediaType }: Enclosure) =>
  /^text\/|^application\/(?:x-)?(?:json|ndjson|xml|yaml|toml|javascript|typescript|sql|sh)\b|\+(?:json|xml|yaml)\b/i.test(
    mediaType,
  )

const inlined = ({ name, bytes }: Enclosure) => `${name}:\n\n${new TextDecoder().decode(bytes)}`

/** Pictures and documents as the providers take them. */
const toPart = ({ kind, name, mediaType, bytes }: Enclosure): Part => {
  const url = `data:${mediaType};base64,${Buffer.from(bytes).toString("base64")}`
  return kind === "image"
    ? { type: "image_url", image_url: { url } }
    : { type: "file", file: { filename: name, file_data: url } }
}

/**
 * A turn as a message of the chat completions API. Texts stand in what was said, under their names:
 * servers of one's own often take nothing but a string, and nobody takes a part that is empty.
 */
export const toMessage = ({ role, content, enclosures = [] }: Turn): Message => {
  if (role !== "user" || enclosures.length === 0) return { role, content }
  const texts = [...enclosures.filter(isText).map(inlined), content].filter((text) => text !== "")
  const text = texts.join("\n\n")
  const parts = enclosures.filter((enclosure) => !isText(enclosure)).map(toPart)
  if (parts.length === 0) return { role, content: text }
  return { role, content: text === "" ? parts : [...parts, { type: "text", text }] }
}
