import { Context, Schema } from "effect"
import type { FileId } from "../../files/Files/Model"
import type { Model } from "../../models/Models/Model"
import type { UserId } from "../../shared/Actor"
import { Uuid } from "../../shared/Ids"
import { MultilineText, SingleLineText } from "../../shared/Text"

/** An image's id: a UUID, version 7. */
export const ImageId = Uuid.pipe(Schema.brand("ImageId"))
export type ImageId = typeof ImageId.Type

export const ImageFields = {
  prompt: MultilineText(1, 10_000),
  negativePrompt: MultilineText(0, 10_000),
  model: SingleLineText(1, 200),
  inputs: Schema.Array(Schema.String).pipe(
    Schema.maxItems(14, { message: () => "must be at most 14 images" }),
  ),
}

/** A picture that a model drew. */
export interface Image {
  readonly id: ImageId
  readonly userId: UserId
  /** The file that it is in. */
  readonly fileId: FileId
  readonly prompt: string
  readonly negativePrompt: string
  readonly modelId: string
  readonly isFavorite: boolean
  readonly inputsCount: number
  readonly milliseconds: number
  /** Tokens as the provider counted them; empty where it did not. */
  readonly usage: { readonly promptTokens?: number; readonly completionTokens?: number }
  readonly createdAt: Date
}

export interface NewImage {
  readonly prompt: string
  readonly model: string
  readonly negativePrompt?: string
  /** Data URIs in base64, or web addresses, of pictures to begin from. */
  readonly inputs?: ReadonlyArray<string>
}

/** Models that draw though nobody says so, by the names that they are asked for with. */
export class NamedImageModels extends Context.Reference<NamedImageModels>()("NamedImageModels", {
  defaultValue: (): ReadonlyArray<string> => [],
}) {}

const drawing =
  /(?:^|[/-])(?:gpt-image|chatgpt-image|dall-e|imagen|flux|seedream|stable-diffusion|sdxl|recraft|ideogram)|-image(?:-|$)/i

/** Whether a model draws: its provider says what it gives, or its name is known for it. */
export const draws = ({ id, architecture }: Model): boolean =>
  architecture.modality === null ? drawing.test(id) : /->.*image/.test(architecture.modality)

/**
 * What a picture costs, in USD; null where that is unknown, or is by its tokens or its size. Where
 * tokens have a price, that of an image is for one that is sent.
 */
export const pricePerImage = (pricing: Model["pricing"]): string | null =>
  pricing?.image !== undefined &&
  Number(pricing.image) > 0 &&
  !Number(pricing.prompt) &&
  !Number(pricing.completion)
    ? pricing.image
    : null
