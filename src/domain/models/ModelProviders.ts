import { Schema } from "effect"

/** The id of a model provider; `demo` is the built-in model, and `generic` any OpenAI-compatible server. */
export const ProviderId = Schema.Literal(
  "openai",
  "openrouter",
  "anthropic",
  "google",
  "ollama",
  "generic",
  "demo",
)
export type ProviderId = typeof ProviderId.Type
