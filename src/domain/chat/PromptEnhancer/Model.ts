import { Schema } from "effect"
import { lengthBetween, Text } from "../../shared/Text"

const maxDraftLength = 10_000

/** A system prompt to improve, of at most 10,000 characters. */
export const PromptDraft = Text.pipe(
  Schema.filter(
    (text) => {
      if (!lengthBetween(text, 0, maxDraftLength)) return `Prompt too long (max ${maxDraftLength} characters)`
      return text.trim() !== "" || "must not be empty"
    },
    { jsonSchema: { type: "string", minLength: 1, maxLength: maxDraftLength } },
  ),
)
