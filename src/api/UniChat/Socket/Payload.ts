import { Schema } from "effect"
import { optional } from "../../../http/Fields"

export const GenerationId = Schema.String.annotations({
  description: "The generation of the answer, for /api/generations",
})

export const ChunkIndex = Schema.Int.annotations({
  description: "The position of the chunk in its answer; increases from chunk to chunk",
  message: () => "must be a whole number",
})

/** Fields of a chunk of an answer. */
export const Chunk = { content: Schema.String, index: ChunkIndex }

/** Fields of every error. */
export const ErrorFields = {
  error: Schema.String.annotations({ description: "A message for people" }),
  code: Schema.String.annotations({ description: "A constant for programs" }),
}

/** Optional fields of an error. */
export const ErrorDetails = {
  details: optional(
    Schema.Array(Schema.Struct({ field: Schema.String, message: Schema.String })),
  ).annotations({
    description: "The invalid fields, each with a message",
  }),
  retry_after: optional(Schema.Int).annotations({
    description: "Seconds to wait before trying again",
  }),
  requestId: optional(Schema.String).annotations({ description: "Quote this when reporting a bug" }),
}

/** Returns the schema of an acknowledgement on success. */
export const Ack = <F extends Schema.Struct.Fields>(fields: F) =>
  Schema.Struct({ ok: Schema.Literal(true), ...fields })
