import { Context, Data, type Effect } from "effect"

/** There is no such file, it is too large or too slow, or its address is not one to be asked. */
export class RemoteFileRefused extends Data.TaggedError("RemoteFileRefused")<{ readonly message: string }> {}

/**
 * Files at addresses that people give. Only public ones are asked: nothing in this machine's own
 * networks, wherever a redirection may point.
 */
export class RemoteFiles extends Context.Tag("RemoteFiles")<
  RemoteFiles,
  {
    /** At most `limit` bytes. */
    readonly fetch: (
      url: string,
      limit: number,
    ) => Effect.Effect<
      { readonly bytes: Uint8Array; readonly mediaType: string | undefined },
      RemoteFileRefused
    >
  }
>() {}
