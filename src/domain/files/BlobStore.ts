import { Context, Data, type Effect, type Option, type Stream } from "effect"

/** The disk is full or not writable. */
export class StorageFailed extends Data.TaggedError("StorageFailed")<{ readonly cause: unknown }> {
  override get message() {
    return "The file could not be stored. Try again later."
  }
}

/** Stores bytes under keys. A write is atomic and durable: it survives a power failure. */
export class BlobStore extends Context.Tag("BlobStore")<
  BlobStore,
  {
    /** Writes a stream as it arrives, and returns its size in bytes. Leaves nothing behind if it fails. */
    readonly put: <E>(
      key: string,
      content: Stream.Stream<Uint8Array, E>,
    ) => Effect.Effect<number, StorageFailed | E>
    /** Opens stored bytes; they are read when they are used, and only the part that is. */
    readonly open: (key: string) => Effect.Effect<Option.Option<Blob>>
    /** Idempotent. */
    readonly remove: (key: string) => Effect.Effect<void>
  }
>() {}
