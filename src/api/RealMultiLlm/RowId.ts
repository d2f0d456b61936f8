import { Effect, Schema } from "effect"
import { Fields, optional } from "../../http/Fields"
import { type HttpError, invalid } from "../../http/HttpError"

/** The query parameter that names the row to update or delete. */
export const rowIdParam = <A, I extends string | undefined>(id: Schema.Schema<A, I>, thing: string) =>
  Fields({ id: Schema.optional(id).annotations({ description: `The id of the ${thing}` }) })

/** The field of a body that names the row to update. */
export const rowIdField = <A, I>(id: Schema.Schema<A, I>, thing: string) => ({
  id: optional(id).annotations({
    description: `The id of the ${thing}, unless it is in the query`,
  }),
})

/** Returns the id from the body or the query. Rejects the request if it is in neither. */
export const rowId = <Id>(id: Id | undefined): Effect.Effect<Id> =>
  id === undefined
    ? Effect.die(invalid([{ field: "id", message: "is required" }]) satisfies HttpError)
    : Effect.succeed(id)
