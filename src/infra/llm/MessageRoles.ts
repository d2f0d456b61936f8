import type OpenAI from "openai"

type Message = OpenAI.Chat.ChatCompletionMessageParam
type Part = OpenAI.Chat.ChatCompletionContentPart

const isPart = (part: { readonly type: string }): part is Part => part.type !== "refusal"

const toParts = (content: Message["content"]): ReadonlyArray<Part> => {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }]
  return (content ?? []).filter(isPart)
}

const joinTexts = (one: string, other: string) => [one, other].filter((text) => text !== "").join("\n\n")

/** Returns a message with the content of both, in the role of the second. */
const join = (one: Message, other: Message): Message => {
  const { role } = other
  if (role !== "user" && role !== "assistant" && role !== "system") return other
  if (typeof one.content === "string" && typeof other.content === "string")
    return { role, content: joinTexts(one.content, other.content) }
  const parts = [...toParts(one.content), ...toParts(other.content)]
  return role === "user"
    ? { role, content: parts }
    : { role, content: parts.filter((part) => part.type === "text") }
}

/** Joins consecutive messages of one role, and drops answers before the first prompt. */
export const withAlternatingRoles = (messages: ReadonlyArray<Message>): Array<Message> => {
  const joined: Array<Message> = []
  for (const message of messages) {
    const last = joined.at(-1)
    if (message.role === "assistant" && !joined.some(({ role }) => role === "user")) continue
    if (last?.role === message.role) joined[joined.length - 1] = join(last, message)
    else joined.push(message)
  }
  return joined
}

/** Puts the system prompt at the beginning of the first prompt, for models that know no such role. */
export const mergeSystem = (messages: ReadonlyArray<Message>): Array<Message> => {
  const system = messages.filter(({ role }) => role === "system")
  const others = messages.filter(({ role }) => role !== "system")
  const first = others.findIndex(({ role }) => role === "user")
  return others.map((message, index) =>
    index === first ? system.reduceRight((prompt, one) => join(one, prompt), message) : message,
  )
}
