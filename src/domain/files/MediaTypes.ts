import { Context, type Effect } from "effect"

/** Tells by what they hold what bytes are: `image/png`; undefined for text and what nobody knows. */
export class MediaTypes extends Context.Tag("MediaTypes")<
  MediaTypes,
  { readonly detect: (bytes: Uint8Array) => Effect.Effect<string | undefined> }
>() {}
