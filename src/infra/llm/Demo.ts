import { Effect } from "effect"
import type { Completion, ModelRequest, Spoken } from "../../domain/models/LanguageModel"

/** About as fast as a person can follow. */
const pause = "15 millis"

const introduction = [
  "This is Parley's built-in demonstration model: it understands nothing and only repeats what you write.",
  "To talk to a real one, set OPENAI_API_KEY, OPENROUTER_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY,",
  "or the address of a server of your own in OLLAMA_BASE_URL, OPENAI_BASE_URL or LLM_BASE_URL,",
  "choose with DEFAULT_MODEL, and start Parley again.",
].join(" ")

/** Words with the space before them: the demonstration's tokens. */
const words = (text: string) => text.match(/\s*\S+/g) ?? []

const answerTo = ({ turns, maxOutputTokens }: ModelRequest) => {
  const prompt = turns.findLast(({ role }) => role === "user")?.content.trim() ?? ""
  const all = words(prompt === "" ? introduction : `${introduction}\n\nYou wrote: ${prompt}`)
  const said = all.slice(0, maxOutputTokens ?? all.length)
  const usage = {
    promptTokens: turns.reduce((sum, turn) => sum + words(turn.content).length, 0),
    completionTokens: said.length,
  }
  return { said, reason: said.length < all.length ? ("length" as const) : ("stop" as const), usage }
}

/** Speaks the demonstration's answer word by word, like any other model's. Never fails. */
export const speak = (request: ModelRequest, hear: (text: string) => void): Effect.Effect<Spoken> => {
  const { said, reason, usage } = answerTo(request)
  const say = (text: string) =>
    Effect.zipRight(
      Effect.sleep(pause),
      Effect.sync(() => hear(text)),
    )
  return Effect.as(Effect.forEach(said, say, { discard: true }), { reason, usage })
}

/** The same answer at once. */
export const complete = (request: ModelRequest): Effect.Effect<Completion> =>
  Effect.sync(() => {
    const { said, reason, usage } = answerTo(request)
    return { text: said.join(""), reason, usage }
  })
