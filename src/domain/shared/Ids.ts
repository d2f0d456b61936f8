import { Context, type Effect, Schema } from "effect"

/** Generates ids. */
export class IdGenerator extends Context.Tag("IdGenerator")<
  IdGenerator,
  {
    /** Generates a UUID of version 7; these sort by creation time. */
    readonly generate: Effect.Effect<string>
    /** Generates 128 random bits in base64url, for an id that is a permission to whoever knows it. */
    readonly generateUnguessable: Effect.Effect<string>
  }
>() {}

/** A UUID in its textual form. */
export const Uuid = Schema.String.annotations({ jsonSchema: { format: "uuid" } })

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Returns whether an id is a UUID in its textual form. */
export const isUuid = (id: string): boolean => uuid.test(id)

/**
 * Converts a client's id to a value that a `uuid` column can be compared with. Anything other than a
 * UUID becomes null, which equals no row, and so is reported as not found like any unknown id.
 */
export const uuidOrNull = (id: string): string | null => (isUuid(id) ? id : null)
