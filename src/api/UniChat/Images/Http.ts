import { HttpApiBuilder } from "@effect/platform"
import { Effect, Encoding } from "effect"
import { Images } from "../../../domain/chat/Images"
import { type Image, pricePerImage } from "../../../domain/chat/Images/Model"
import { CurrentActor } from "../../../http/middleware/RequestActor"
import { UniChatApi } from "../Api"
import { said } from "../Body"
import { pageOf, windowOf } from "../Paging"

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
  settings: { input_images_count: image.inputsCount, has_input_images: image.inputsCount > 0 },
  metadata: { generation_time_ms: image.milliseconds, usage: toUsage(image.usage) },
  created_at: image.createdAt.toISOString(),
})

export const images = HttpApiBuilder.group(UniChatApi, "images", (handlers) =>
  Effect.gen(function* () {
    const all = yield* Images
    return handlers
      .handle("listImageModels", () =>
        Effect.map(all.models, (models) => ({
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
          const { image, bytes, mediaType } = yield* all.generate(yield* CurrentActor, payload)
          return {
            image: toImage(image),
            image_data: `data:${mediaType};base64,${Encoding.encodeBase64(bytes)}`,
          }
        }),
      )
      .handle("imageHistory", ({ urlParams }) =>
        Effect.gen(function* () {
          const actor = yield* CurrentActor
          const { items, total } = yield* all.history(actor, urlParams.favorites, windowOf(urlParams))
          return {
            images: items.map(toImage),
            ...pageOf(urlParams, total, items.length),
            pages: Math.ceil(total / urlParams.limit),
          }
        }),
      )
      .handle("deleteImage", ({ path }) =>
        said(
          Effect.flatMap(CurrentActor, (actor) => all.remove(actor, path.id)),
          "Image deleted",
        ),
      )
      .handle("favoriteImage", ({ path }) =>
        Effect.gen(function* () {
          const { isFavorite } = yield* all.toggleFavorite(yield* CurrentActor, path.id)
          return { is_favorite: isFavorite }
        }),
      )
  }),
)
