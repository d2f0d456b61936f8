import { Effect, Schema } from "effect"
import { CommonError, commonError, type ErrorShape } from "../frame/ErrorBody"

/** Every error of this contract: `{error, code, details?, requestId}`. */
export const errorShape: ErrorShape<typeof CommonError.Type> = {
  schema: CommonError.annotations({ identifier: "Error" }),
  body: commonError,
}

/** What is answered when there is nothing else to tell. */
export const Said = Schema.Struct({ message: Schema.String })

/** Does something and says so. */
export const said = <E, R>(done: Effect.Effect<unknown, E, R>, message: string) =>
  Effect.as(done, { message })
