import { Effect, Schema } from "effect"
import { CommonError, commonError, type ErrorShape } from "../../http/ErrorBody"

/** Every error of this contract: `{error, code, details?, requestId}`. */
export const errorShape: ErrorShape<typeof CommonError.Type> = {
  schema: CommonError.annotations({ identifier: "Error" }),
  body: commonError,
}

/** The body of a success, with what it is in a few words. */
export const answer = <F extends Schema.Struct.Fields>(description: string, fields: F) =>
  Schema.Struct(fields).annotations({ description })

/** What is answered when there is nothing else to tell. */
export const Said = answer("What was done, as a sentence", { message: Schema.String })

/** Does something and says so. */
export const said = <E, R>(done: Effect.Effect<unknown, E, R>, message: string) =>
  Effect.as(done, { message })
