import { Context, type Effect } from "effect"
import type { ModelError, TokenUsage } from "./LanguageModel"

export interface PictureRequest {
  readonly model: string
  readonly prompt: string
  /** What the picture should not show; "" for nothing. */
  readonly negativePrompt: string
  /** Pictures to begin from. */
  readonly inputs: ReadonlyArray<{ readonly bytes: Uint8Array; readonly mediaType: string }>
}

export interface Picture {
  readonly bytes: Uint8Array
  readonly usage: TokenUsage | undefined
}

/** Models that draw, behind the providers' images API. */
export class ImageModel extends Context.Tag("ImageModel")<
  ImageModel,
  { readonly draw: (request: PictureRequest) => Effect.Effect<Picture, ModelError> }
>() {}
