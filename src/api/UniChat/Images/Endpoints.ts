import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { ImageFields, ImageId } from "../../../domain/chat/Images/Model"
import { MAX_ATTACHMENT_BODY, MaxBodySize, RateLimits } from "../../../http/Annotations"
import { Authenticated } from "../../../http/Authenticated"
import { Fields, optional, optionalRenamed, renamed } from "../../../http/Fields"
import { BooleanParam, Timestamp } from "../../../http/Params"
import { rateLimits } from "../../../http/RateLimitPolicy"
import { body, MessageReply } from "../Body"
import { errors } from "../Errors"
import { pageFields, pageParams } from "../Paging"

const ImageBody = Schema.Struct({
  id: Schema.String,
  user_id: Schema.String,
  prompt: Schema.String,
  model_id: Schema.String,
  negative_prompt: Schema.String,
  is_favorite: Schema.Boolean,
  image_url: Schema.String.annotations({ description: "URL of the image; requires the same authentication" }),
  settings: Schema.Struct({ input_images_count: Schema.Int, has_input_images: Schema.Boolean }),
  metadata: Schema.Struct({
    generation_time_ms: Schema.Int,
    usage: Schema.Struct({ prompt_tokens: optional(Schema.Int), completion_tokens: optional(Schema.Int) }),
  }),
  created_at: Timestamp,
}).annotations({ identifier: "Image" })

const { prompt, model, negativePrompt, referenceImages } = ImageFields
const id = HttpApiSchema.param("id", ImageId.annotations({ description: "The image's id" }))

export const endpoints = HttpApiGroup.make("images")
  .add(
    HttpApiEndpoint.get("listImageModels", "/api/image-gen/models")
      .addSuccess(
        body("The image models", {
          models: Schema.Array(
            Schema.Struct({
              id: Schema.String,
              name: Schema.String,
              description: Schema.String,
              pricing: Schema.Struct({
                image: Schema.String.annotations({ description: "USD per image, or `varies`" }),
              }),
            }),
          ),
        }),
      )
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
        }),
      )
      .addSuccess(
        body("The generated image", {
          image: ImageBody,
          image_data: Schema.String.annotations({ description: "The image as a data URI" }),
        }),
      )
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
      .setUrlParams(Fields({ ...pageParams(20), favorites: BooleanParam(false, "`true`: only favorites") }))
      .addSuccess(
        body("A page of images", {
          images: Schema.Array(ImageBody),
          ...pageFields,
          pages: Schema.Int.annotations({ description: "Number of pages" }),
        }),
      )
      .annotate(OpenApi.Summary, "List generated images")
      .annotate(OpenApi.Description, "Returns a page of the caller's images, newest first."),
  )
  .add(
    HttpApiEndpoint.del("deleteImage")`/api/image-gen/${id}`
      .addSuccess(MessageReply)
      .addError(errors.ImageNotFound)
      .annotate(OpenApi.Summary, "Delete an image")
      .annotate(OpenApi.Description, "Deletes the image file and its entry in the history."),
  )
  .add(
    HttpApiEndpoint.post("favoriteImage")`/api/image-gen/${id}/favorite`
      .addSuccess(body("The new state", { is_favorite: Schema.Boolean }))
      .addError(errors.ImageNotFound)
      .annotate(OpenApi.Summary, "Toggle favorite")
      .annotate(OpenApi.Description, "Marks the image as a favorite, or removes the mark if it is set."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Image generation")
  .annotate(OpenApi.Description, "Generate images with models and manage them.")
