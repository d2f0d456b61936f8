import { Context, Data, type Effect } from "effect"

/** The file does not exist, is too large or too slow, or its URL is not allowed. */
export class RemoteFileRejected extends Data.TaggedError("RemoteFileRejected")<{
  readonly message: string
}> {}

/**
 * Downloads files from URLs that users provide. Only public addresses are contacted, never this
 * machine's own networks, wherever a redirect points.
 */
export class RemoteFiles extends Context.Tag("RemoteFiles")<
  RemoteFiles,
  {
    /** Rejects files of more than `limit` bytes. */
    readonly fetch: (
      url: string,
      limit: number,
    ) => Effect.Effect<
      { readonly bytes: Uint8Array; readonly mediaType: string | undefined },
      RemoteFileRejected
    >
  }
>() {}
