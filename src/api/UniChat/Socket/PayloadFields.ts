import { Schema } from "effect"
import { FieldErrors } from "../../../http/ErrorBody"
import { example } from "../../../http/Example"
import { optional } from "../../../http/Fields"

const id = (description: string, value: string) =>
  Schema.String.annotations({ description, ...example(value) })

export const GenerationId = id(
  "The generation of the answer, for /api/generations",
  "019bc0f1-2b50-7c3a-9d52-9e4d2a6c8b17",
)

export const UserId = id("The socket's user", "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01")

export const ConversationId = id("The conversation's id", "019bc0f1-2b47-7c3a-9d52-3a9cf5520012")

export const SessionId = id("The arena session's id", "019bc0f1-2b52-7c3a-9d52-2e4c6a8b0d31")

export const ConfigId = id("The config that answers", "019bc0f1-2b44-7c3a-9d52-8d6f4b2a0c53")

export const AnswerId = id("The answer's id", "019bc0f1-2b49-7c3a-9d52-7b1f3c5d9e02")

export const PromptId = id("The user's message", "019bc0f1-2b48-7c3a-9d52-5d0f7e1b9a34")

/** The answer's id in an acknowledgement. */
export const NullableAnswerId = Schema.NullOr(AnswerId).annotations({
  description: "The answer's id; null if the generation ended without text",
})

/** The text of an answer. */
export const Content = Schema.String.annotations(example("Kyoto, for the cherry blossoms."))

export const ChunkIndex = Schema.Int.annotations({
  description: "The position of the chunk in its answer; increases from chunk to chunk",
  message: () => "must be a whole number",
  ...example(2),
})

/** Fields of a chunk of an answer. */
export const Chunk = { content: Schema.String.annotations(example("Kyoto, for the ")), index: ChunkIndex }

/** Fields of every error. */
export const ErrorFields = {
  error: Schema.String.annotations({
    description: "A message for people",
    ...example("OpenAI could not be reached."),
  }),
  code: Schema.String.annotations({
    description: "A constant for programs",
    ...example("MODEL_UNREACHABLE"),
  }),
}

/** Optional fields of an error. */
export const ErrorDetails = {
  ...FieldErrors,
  retry_after: optional(Schema.Int).annotations({
    description: "Seconds to wait before trying again",
  }),
  requestId: optional(Schema.String).annotations({ description: "Quote this when reporting a bug" }),
}

/** Returns the schema of an acknowledgement on success. */
export const Ack = <F extends Schema.Struct.Fields>(fields: F) =>
  Schema.Struct({ ok: Schema.Literal(true), ...fields })
