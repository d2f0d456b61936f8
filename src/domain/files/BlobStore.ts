import { Context, Data, type Effect, type Option } from "effect"

/** There is no room for more, or nothing can be written. */
export class StorageFailed extends Data.TaggedError("StorageFailed")<{ readonly cause: unknown }> {
  override get message() {
    return "The file could not be stored. Try again later."
  }
}

/** Bytes under keys that are ids. What is put is there whole or not at all, and stays if power fails. */
export class BlobStore extends Context.Tag("BlobStore")<
  BlobStore,
  {
    readonly put: (key: string, bytes: Uint8Array) => Effect.Effect<void, StorageFailed>
    readonly get: (key: string) => Effect.Effect<Option.Option<Uint8Array>>
    /** Safe to repeat. */
    readonly remove: (key: string) => Effect.Effect<void>
  }
>() {}
