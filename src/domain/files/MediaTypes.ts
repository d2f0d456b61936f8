import { Context, type Effect } from "effect"

/** Detects the media type of bytes by their content, such as `image/png`; undefined for text and unknown formats. */
export class MediaTypes extends Context.Tag("MediaTypes")<
  MediaTypes,
  { readonly detect: (bytes: Uint8Array) => Effect.Effect<string | undefined> }
>() {}
