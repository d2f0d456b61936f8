import { Schema } from "effect"
import { constant, encodeOnly, renamed } from "../../http/Fields"

/** Describes the body of a successful response: its fields and a short description. */
export const body = <F extends Schema.Struct.Fields>(description: string, fields: F) =>
  Schema.Struct(fields).annotations({ description })

/** Describes the body of a response that consists of one value: `{<key>: value}`. */
export const bodyOf = <K extends string, A, I>(description: string, key: K, schema: Schema.Schema<A, I>) =>
  encodeOnly(body(description, { value: renamed(key, schema) }), (value: A) => ({ value })).annotations({
    description,
  })

/** Describes the body of an operation that returns no resource: a sentence, whatever the handler returns. */
export const messageBody = (message: string) =>
  encodeOnly(Schema.Struct({ message: constant(message) }), (_: unknown) => ({})).annotations({
    description: "A sentence that confirms the operation",
  })
