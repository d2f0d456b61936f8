import { Effect, Encoding } from "effect"
import { Images } from "../../../domain/chat/Images"
import { type Image, pricePerImage } from "../../../domain/chat/Images/Model"
import { CurrentActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { withMessage } from "../Body"
import { toOffsetLimit, toPageFields } from "../Paging"
import { endpoints } from "./Endpoints"

const toUsage = ({ promptTokens, completionTokens }: Image["usage"]) => ({
  ...(promptTokens === undefined ? {} : { prompt_tokens: promptTokens }),
  ...(completionTokens === undefined ? {} : { completion_tokens: completionTokens }),
})

const toImage = (image: Image) => ({
  id: image.id,
  user_id: image.userId,
  prompt: image.prompt,
  model_id: image.modelId,
  negative_prompt: image.negativePrompt,
  is_favorite: image.isFavorite,
  image_url: `/api/files/${image.fileId}`,
  settings: {
    input_images_count: image.referenceImageCount,
    has_input_images: image.referenceImageCount > 0,
  },
  metadata: { generation_time_ms: image.milliseconds, usage: toUsage(image.usage) },
  created_at: image.createdAt.toISOString(),
})

export const images = defineResource({
  group: endpoints,
  prefixes: ["/api/image-gen"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const images = yield* Images
      return handlers
        .handle("listImageModels", () =>
          Effect.map(images.models, (models) => ({
            models: models.map((model) => ({
              id: model.id,
              name: model.name,
              description: model.description,
              pricing: { image: pricePerImage(model.pricing) ?? "varies" },
            })),
          })),
        )
        .handle("generateImage", ({ payload }) =>
          Effect.gen(function* () {
            const { image, bytes, mediaType } = yield* images.generate(yield* CurrentActor, payload)
            return {
              image: toImage(image),
              image_data: `data:${mediaType};base64,${Encoding.encodeBase64(bytes)}`,
            }
          }),
        )
        .handle("imageHistory", ({ urlParams }) =>
          Effect.gen(function* () {
            const actor = yield* CurrentActor
            const { items, total } = yield* images.list(actor, urlParams.favorites, toOffsetLimit(urlParams))
            return {
              images: items.map(toImage),
              ...toPageFields(urlParams, total, items.length),
              pages: Math.ceil(total / urlParams.limit),
            }
          }),
        )
        .handle("deleteImage", ({ path }) =>
          withMessage(
            Effect.flatMap(CurrentActor, (actor) => images.remove(actor, path.id)),
            "Image deleted",
          ),
        )
        .handle("favoriteImage", ({ path }) =>
          Effect.gen(function* () {
            const { isFavorite } = yield* images.toggleFavorite(yield* CurrentActor, path.id)
            return { is_favorite: isFavorite }
          }),
        )
    }),
})
