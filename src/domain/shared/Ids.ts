import { Context, type Effect, Schema } from "effect"

/** Makes ids: UUIDs of version 7, so that they sort by age. */
export class IdGenerator extends Context.Tag("Ids")<
  IdGenerator,
  { readonly generate: Effect.Effect<string> }
>() {}

/** An id as it is written: a UUID. */
export const Uuid = Schema.String.annotations({ jsonSchema: { format: "uuid" } })

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/**
 * An id from outside, as the database can compare it. What is no UUID names nothing, so it
 * becomes null, which equals nothing, and is reported as not found like any unknown id.
 */
export const uuidOrNull = (id: string): string | null => (uuid.test(id) ? id : null)
