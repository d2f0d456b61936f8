import { Schema } from "effect"
import { optional } from "../../../http/Fields"

export const GenerationId = Schema.String.annotations({
  description: "The run that writes the answer, at /api/generations",
})

export const Index = Schema.Int.annotations({
  description: "Where a piece stands in its answer",
  message: () => "must be a whole number",
})

/** Some text of an answer. */
export const Piece = { content: Schema.String, index: Index }

/** Why something could not be done. */
export const Refusal = {
  error: Schema.String.annotations({ description: "What went wrong, in a sentence" }),
  code: Schema.String.annotations({ description: "A constant for programs to tell failures apart by" }),
}

/** What may help, beside that. */
export const Hints = {
  details: optional(
    Schema.Array(Schema.Struct({ field: Schema.String, message: Schema.String })),
  ).annotations({
    description: "Which fields are wrong, and how",
  }),
  retry_after: optional(Schema.Int).annotations({
    description: "How many seconds to wait before it will be done",
  }),
  requestId: optional(Schema.String).annotations({ description: "To quote when reporting a bug" }),
}

/** What a client is called back with when what it said was done. */
export const Done = <F extends Schema.Struct.Fields>(fields: F) =>
  Schema.Struct({ ok: Schema.Literal(true), ...fields })
