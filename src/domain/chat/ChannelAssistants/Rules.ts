import type { Assistant } from "../../assistants/Assistants/Model"
import type { AnswerState, Post } from "../../messaging/Posts/Model"

/** Names that are looked up in one message. */
const MAX_MENTIONS = 10

/** How much of a thread a model gets, in UTF-16 code units. */
const MAX_THREAD_LENGTH = 24_000

const mention = /(?:^|[\s(])@([\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*)/gu

/** Returns the names that a message mentions, in their order and in small letters. */
export const mentionsIn = (content: string): ReadonlyArray<string> =>
  [...new Set([...content.matchAll(mention)].map(([, name = ""]) => name.toLowerCase()))].slice(
    0,
    MAX_MENTIONS,
  )

/** Returns the end of a thread as one prompt, with who wrote what. The message with the mention is the last one. */
export const promptOf = (posts: ReadonlyArray<Post>): string => {
  const texts = posts
    .filter(({ content, generation }) => content !== "" && generation?.state !== "running")
    .map(({ author, content }) =>
      author === null ? `Somebody: ${content}` : `${author.name} (@${author.username}): ${content}`,
    )
  let length = 0
  const kept = texts.toReversed().filter((text, index) => {
    length += text.length
    return index === 0 || length <= MAX_THREAD_LENGTH
  })
  return kept.toReversed().join("\n\n")
}

/** Returns the instructions of an assistant that answers in a channel. */
export const instructionsOf = ({ name, systemPrompt }: Assistant): string =>
  [
    systemPrompt,
    `You are ${name}, and take part in a conversation of several people. Their messages follow, each after the name of its author. Write your answer to the last one, which mentions you, without your name before it.`,
  ]
    .filter((text) => text !== "")
    .join("\n\n")

/** Returns the text of an answer as it is shown: one that failed shows the reason. */
export const shownText = (text: string, state: AnswerState, error: string | null): string => {
  if (state === "failed")
    return [text, `The answer failed: ${error ?? "unknown error"}`].filter(Boolean).join("\n\n")
  if (text !== "" || state === "running") return text
  return state === "stopped" ? "The answer was stopped." : "The answer was interrupted."
}
