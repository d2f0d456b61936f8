import { Schema } from "effect"
import { lengthBetween, Text } from "../../shared/Text"

const longest = 10_000

/** A system prompt that somebody wants to be better: of 10,000 characters at most. */
export const PromptDraft = Text.pipe(
  Schema.filter(
    (text) => {
      if (!lengthBetween(text, 0, longest)) return `Prompt too long (max ${longest} characters)`
      return text.trim() !== "" || "must not be empty"
    },
    { jsonSchema: { type: "string", minLength: 1, maxLength: longest } },
  ),
)
