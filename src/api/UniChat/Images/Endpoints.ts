import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Encoding, Schema } from "effect"
import { type Image, ImageFields, ImageId, pricePerImage } from "../../../domain/chat/Images/Model"
import type { Model } from "../../../domain/models/Models/Model"
import { UserId } from "../../../domain/shared/Actor"
import { MAX_ATTACHMENT_BODY, MaxBodySize, RateLimits } from "../../../http/Annotations"
import { Authenticated } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import { encodeOnly, Fields, optionalRenamed, renamed } from "../../../http/Fields"
import { BooleanParam } from "../../../http/Params"
import { rateLimits } from "../../../http/RateLimitPolicy"
import { body, bodyOf, messageBody } from "../Body"
import { errors } from "../Errors"
import { pageFields, pageParams, pages } from "../Paging"

const imageExample = {
  id: "019bc0f1-2c06-7c3a-9d52-25ec08386eb9",
  user_id: "019bc0f1-2c07-7c3a-9d52-c2d0d4874c05",
  prompt: "A beautiful sunset over mountains",
  model_id: "openai/gpt-image-1",
  negative_prompt: "blurry, low quality",
  is_favorite: false,
  image_url: "/api/files/019bc0f1-2c08-7c3a-9d52-7d187d506ac4/download",
  settings: { input_images_count: 0, has_input_images: false },
  metadata: { generation_time_ms: 2300, usage: { prompt_tokens: 10, completion_tokens: 30 } },
  created_at: "2026-01-15T09:57:11.000Z",
}

const ImageBody = encodeOnly(
  Schema.Struct({
    id: ImageId,
    userId: renamed("user_id", UserId),
    prompt: Schema.String,
    modelId: renamed("model_id", Schema.String),
    negativePrompt: renamed("negative_prompt", Schema.String),
    isFavorite: renamed("is_favorite", Schema.Boolean),
    imageUrl: renamed(
      "image_url",
      Schema.String.annotations({ description: "URL of the image; requires the same authentication" }),
    ),
    settings: Schema.Struct({
      referenceImageCount: renamed("input_images_count", Schema.Int),
      hasReferenceImages: renamed("has_input_images", Schema.Boolean),
    }),
    metadata: Schema.Struct({
      milliseconds: renamed("generation_time_ms", Schema.Int),
      usage: Schema.Struct({
        promptTokens: optionalRenamed("prompt_tokens", Schema.Int),
        completionTokens: optionalRenamed("completion_tokens", Schema.Int),
      }),
    }),
    createdAt: renamed("created_at", Schema.Date),
  }),
  (image: Image) => ({
    ...image,
    imageUrl: `/api/files/${image.fileId}/download`,
    settings: { ...image, hasReferenceImages: image.referenceImageCount > 0 },
    metadata: image,
  }),
).annotations({ identifier: "GeneratedImage", ...example(imageExample) })

interface ImageWithContent {
  readonly image: Image
  readonly bytes: Uint8Array
  readonly mediaType: string
}

const GenerateImageReply = encodeOnly(
  Schema.Struct({
    image: ImageBody,
    image_data: Schema.String.annotations({
      description: "The image as a data URI",
      ...example("data:image/png;base64,iVBORw0KGgo="),
    }),
  }),
  ({ image, bytes, mediaType }: ImageWithContent) => ({
    image,
    image_data: `data:${mediaType};base64,${Encoding.encodeBase64(bytes)}`,
  }),
).annotations({ description: "The generated image" })

const ImageModel = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  description: Schema.String,
  pricing: encodeOnly(
    Schema.Struct({
      image: Schema.String.annotations({ description: "USD per image, or `varies`" }),
    }),
    (pricing: Model["pricing"]) => ({ image: pricePerImage(pricing) ?? "varies" }),
  ),
}).annotations({
  identifier: "ImageModel",
  ...example({
    id: "openai/bytedance-seed/seedream-4.5",
    name: "ByteDance Seedream 4.5",
    description: "Supports up to 14 reference images, 2048x2048 max resolution",
    pricing: { image: "0.04" },
  }),
})

const { prompt, model, negativePrompt, referenceImages } = ImageFields
const id = HttpApiSchema.param(
  "id",
  ImageId.annotations({ description: "The image's id", ...example(imageExample.id) }),
)

export const endpoints = HttpApiGroup.make("images")
  .add(
    HttpApiEndpoint.get("listImageModels", "/api/image-gen/models")
      .addSuccess(bodyOf("The image models", "models", Schema.Array(ImageModel)))
      .annotate(OpenApi.Summary, "List image models")
      .annotate(
        OpenApi.Description,
        "Returns the image models of all configured providers, and those listed in `IMAGE_MODELS`.",
      ),
  )
  .add(
    HttpApiEndpoint.post("generateImage", "/api/image-gen/generate")
      .setPayload(
        Fields({
          prompt: renamed("prompt", prompt).annotations({ description: "The image to generate" }),
          model: renamed("model", model).annotations({
            description: "The id of an image model",
          }),
          negativePrompt: optionalRenamed("negative_prompt", negativePrompt).annotations({
            description: "What the image must not contain",
          }),
          referenceImages: optionalRenamed("input_images", referenceImages).annotations({
            description: "Reference images, at most 14",
          }),
        }).annotations(
          example({
            prompt: imageExample.prompt,
            model: imageExample.model_id,
            negative_prompt: imageExample.negative_prompt,
          }),
        ),
      )
      .addSuccess(GenerateImageReply)
      .addError(errors.ImageModelNotFound)
      .addError(errors.InvalidInputImage)
      .addError(errors.TokenLimitReached)
      .addError(errors.ImageGenerationFailed)
      .addError(errors.StorageFailed)
      .annotate(RateLimits, rateLimits.chat)
      .annotate(MaxBodySize, MAX_ATTACHMENT_BODY)
      .annotate(OpenApi.Summary, "Generate an image")
      .annotate(
        OpenApi.Description,
        "Generates an image and stores it in the caller's history. `input_images` are base64 data URIs or public URLs.",
      ),
  )
  .add(
    HttpApiEndpoint.get("imageHistory", "/api/image-gen/history")
      .setUrlParams(
        Fields({ ...pageParams(20), favorites: BooleanParam(false, "`true` for favorites only") }),
      )
      .addSuccess(
        body("A page of images", {
          ...pageFields("images", ImageBody),
          pages,
        }),
      )
      .annotate(OpenApi.Summary, "List generated images")
      .annotate(OpenApi.Description, "Returns a page of the caller's images, newest first."),
  )
  .add(
    HttpApiEndpoint.del("deleteImage")`/api/image-gen/${id}`
      .addSuccess(messageBody("Image deleted"))
      .addError(errors.ImageNotFound)
      .annotate(OpenApi.Summary, "Delete an image")
      .annotate(OpenApi.Description, "Deletes the image file and its entry in the history."),
  )
  .add(
    HttpApiEndpoint.post("favoriteImage")`/api/image-gen/${id}/favorite`
      .addSuccess(body("The new state", { isFavorite: renamed("is_favorite", Schema.Boolean) }))
      .addError(errors.ImageNotFound)
      .annotate(OpenApi.Summary, "Toggle favorite")
      .annotate(OpenApi.Description, "Marks the image as a favorite, or removes the mark if it is set."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Image generation")
  .annotate(OpenApi.Description, "Generate images with models and manage them.")
