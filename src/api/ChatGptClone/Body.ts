import { Schema } from "effect"
import { encodeOnly, renamed } from "../../http/Fields"

/** The body of a response that consists of one value: `{<key>: value}`. */
export const bodyOf = <K extends string, A, I>(description: string, key: K, schema: Schema.Schema<A, I>) =>
  encodeOnly(Schema.Struct({ value: renamed(key, schema) }), (value: A) => ({ value })).annotations({
    description,
  })

/** The body of operations that return no resource: `{success: true}`, whatever the handler returns. */
export const Success = encodeOnly(Schema.Struct({ success: Schema.Literal(true) }), (_: unknown) => ({
  success: true as const,
})).annotations({ description: "The operation succeeded" })
