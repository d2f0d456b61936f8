import { Effect } from "effect"
import type { Completion, ModelRequest, StreamResult } from "../../domain/models/LanguageModel"

/** About reading speed. */
const wordDelay = "15 millis"

const introduction = [
  "This is Parley's built-in demonstration model: it understands nothing and only repeats what you write.",
  "To talk to a real one, set OPENAI_API_KEY, OPENROUTER_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY,",
  "or the base URL of your own server in OLLAMA_BASE_URL, OPENAI_BASE_URL or LLM_BASE_URL,",
  "choose with DEFAULT_MODEL, and start Parley again.",
].join(" ")

/** Splits a text into words with their leading white space: the demo model's tokens. */
const tokenize = (text: string) => text.match(/\s*\S+/g) ?? []

const buildAnswer = ({ messages, maxOutputTokens }: ModelRequest) => {
  const prompt = messages.findLast(({ role }) => role === "user")?.content.trim() ?? ""
  const all = tokenize(prompt === "" ? introduction : `${introduction}\n\nYou wrote: ${prompt}`)
  const words = all.slice(0, maxOutputTokens ?? all.length)
  const usage = {
    promptTokens: messages.reduce((sum, message) => sum + tokenize(message.content).length, 0),
    completionTokens: words.length,
  }
  return { words, reason: words.length < all.length ? ("length" as const) : ("stop" as const), usage }
}

/** Streams the demo answer word by word. Never fails. */
export const stream = (
  request: ModelRequest,
  onDelta: (text: string) => void,
): Effect.Effect<StreamResult> => {
  const { words, reason, usage } = buildAnswer(request)
  const emitWord = (word: string) =>
    Effect.zipRight(
      Effect.sleep(wordDelay),
      Effect.sync(() => onDelta(word)),
    )
  return Effect.as(Effect.forEach(words, emitWord, { discard: true }), { reason, usage })
}

/** Returns the complete demo answer. Never fails. */
export const complete = (request: ModelRequest): Effect.Effect<Completion> =>
  Effect.sync(() => {
    const { words, reason, usage } = buildAnswer(request)
    return { text: words.join(""), reason, usage }
  })
