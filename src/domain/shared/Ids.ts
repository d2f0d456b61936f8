import { Context, type Effect, Schema } from "effect"

/** Generates ids: UUIDs of version 7, which sort by creation time. */
export class IdGenerator extends Context.Tag("IdGenerator")<
  IdGenerator,
  { readonly generate: Effect.Effect<string> }
>() {}

/** A UUID in its textual form. */
export const Uuid = Schema.String.annotations({ jsonSchema: { format: "uuid" } })

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/**
 * Converts a client's id to a value that a `uuid` column can be compared with. Anything other than a
 * UUID becomes null, which equals no row, and so is reported as not found like any unknown id.
 */
export const uuidOrNull = (id: string): string | null => (uuid.test(id) ? id : null)
