import { Context, Data, type Effect, type Option } from "effect"

/** The disk is full or not writable. */
export class StorageFailed extends Data.TaggedError("StorageFailed")<{ readonly cause: unknown }> {
  override get message() {
    return "The file could not be stored. Try again later."
  }
}

/** Stores bytes under ids. A write is atomic and durable: it survives a power failure. */
export class BlobStore extends Context.Tag("BlobStore")<
  BlobStore,
  {
    readonly put: (key: string, bytes: Uint8Array) => Effect.Effect<void, StorageFailed>
    readonly get: (key: string) => Effect.Effect<Option.Option<Uint8Array>>
    /** Idempotent. */
    readonly remove: (key: string) => Effect.Effect<void>
  }
>() {}
