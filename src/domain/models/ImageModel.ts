import { Context, type Effect } from "effect"
import type { ModelError, TokenUsage } from "./LanguageModel"

export interface ImageRequest {
  readonly model: string
  readonly prompt: string
  /** What the image should not show; may be empty. */
  readonly negativePrompt: string
  /** Images that the new one is based on. */
  readonly referenceImages: ReadonlyArray<{ readonly bytes: Uint8Array; readonly mediaType: string }>
}

export interface GeneratedImage {
  readonly bytes: Uint8Array
  readonly usage: TokenUsage | undefined
}

/** Image generation by the providers' models. */
export class ImageModel extends Context.Tag("ImageModel")<
  ImageModel,
  { readonly generateImage: (request: ImageRequest) => Effect.Effect<GeneratedImage, ModelError> }
>() {}
