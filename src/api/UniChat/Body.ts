import { Effect, Schema } from "effect"

/** Describes the body of a successful response: its fields and a short description. */
export const body = <F extends Schema.Struct.Fields>(description: string, fields: F) =>
  Schema.Struct(fields).annotations({ description })

/** The response body of operations that return no resource. */
export const MessageReply = body("A sentence that confirms the operation", { message: Schema.String })

/** Runs an effect and returns `message` as the response body, in place of its result. */
export const withMessage = <E, R>(effect: Effect.Effect<unknown, E, R>, message: string) =>
  Effect.as(effect, { message })
