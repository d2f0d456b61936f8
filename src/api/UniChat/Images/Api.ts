import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { ImageFields, ImageId } from "../../../domain/chat/Images/Model"
import { BodyLimit, bodyWithFiles, Limits } from "../../../http/Annotations"
import { Fields, named, optional, optionalNamed } from "../../../http/Fields"
import { BooleanParam, Timestamp } from "../../../http/Params"
import { limits } from "../../../http/RateLimitPolicy"
import { SignedIn } from "../Authentication"
import { answer, Said } from "../Body"
import * as Errors from "../Errors"
import { listed, paging } from "../Paging"

const ImageBody = Schema.Struct({
  id: Schema.String,
  user_id: Schema.String,
  prompt: Schema.String,
  model_id: Schema.String,
  negative_prompt: Schema.String,
  is_favorite: Schema.Boolean,
  image_url: Schema.String.annotations({ description: "Where the picture is: wants the same sign-in" }),
  settings: Schema.Struct({ input_images_count: Schema.Int, has_input_images: Schema.Boolean }),
  metadata: Schema.Struct({
    generation_time_ms: Schema.Int,
    usage: Schema.Struct({ prompt_tokens: optional(Schema.Int), completion_tokens: optional(Schema.Int) }),
  }),
  created_at: Timestamp,
}).annotations({ identifier: "Image" })

const { prompt, model, negativePrompt, inputs } = ImageFields
const id = HttpApiSchema.param("id", ImageId.annotations({ description: "The image's id" }))

export const images = HttpApiGroup.make("images")
  .add(
    HttpApiEndpoint.get("listImageModels", "/api/image-gen/models")
      .addSuccess(
        answer("The models that draw", {
          models: Schema.Array(
            Schema.Struct({
              id: Schema.String,
              name: Schema.String,
              description: Schema.String,
              pricing: Schema.Struct({
                image: Schema.String.annotations({ description: "USD for one, or `varies`" }),
              }),
            }),
          ),
        }),
      )
      .annotate(OpenApi.Summary, "List image models")
      .annotate(
        OpenApi.Description,
        "The models that draw, of all configured providers, and those that the setting `IMAGE_MODELS` names.",
      ),
  )
  .add(
    HttpApiEndpoint.post("generateImage", "/api/image-gen/generate")
      .setPayload(
        Fields({
          prompt: named("prompt", prompt).annotations({ description: "What to draw" }),
          model: named("model", model).annotations({
            description: "The model that draws, as listed",
          }),
          negativePrompt: optionalNamed("negative_prompt", negativePrompt).annotations({
            description: "What to leave out",
          }),
          inputs: optionalNamed("input_images", inputs).annotations({
            description: "Pictures to begin from, at most 14",
          }),
        }),
      )
      .addSuccess(
        answer("The picture", {
          image: ImageBody,
          image_data: Schema.String.annotations({ description: "The picture as a data URI" }),
        }),
      )
      .addError(Errors.ImageModelNotFound)
      .addError(Errors.InputImageRefused)
      .addError(Errors.TokenLimitReached)
      .addError(Errors.DrawingFailed)
      .addError(Errors.StorageFailed)
      .annotate(Limits, limits.chat)
      .annotate(BodyLimit, bodyWithFiles)
      .annotate(OpenApi.Summary, "Generate an image")
      .annotate(
        OpenApi.Description,
        "`input_images` are data URIs in base64 or public web addresses. The picture is kept in the caller's history.",
      ),
  )
  .add(
    HttpApiEndpoint.get("imageHistory", "/api/image-gen/history")
      .setUrlParams(Fields({ ...paging(20), favorites: BooleanParam(false, "`true`: favourites only") }))
      .addSuccess(
        answer("A page of pictures", {
          images: Schema.Array(ImageBody),
          ...listed,
          pages: Schema.Int.annotations({ description: "How many pages there are" }),
        }),
      )
      .annotate(OpenApi.Summary, "List generated images")
      .annotate(OpenApi.Description, "The caller's, the latest first."),
  )
  .add(
    HttpApiEndpoint.del("deleteImage")`/api/image-gen/${id}`
      .addSuccess(Said)
      .addError(Errors.ImageNotFound)
      .annotate(OpenApi.Summary, "Delete an image")
      .annotate(OpenApi.Description, "From the history, and the picture itself."),
  )
  .add(
    HttpApiEndpoint.post("favoriteImage")`/api/image-gen/${id}/favorite`
      .addSuccess(answer("Whether it is a favourite now", { is_favorite: Schema.Boolean }))
      .addError(Errors.ImageNotFound)
      .annotate(OpenApi.Summary, "Toggle a favourite")
      .annotate(OpenApi.Description, "Makes the image a favourite, or none if it was."),
  )
  .middleware(SignedIn)
  .annotate(OpenApi.Title, "Image generation")
  .annotate(OpenApi.Description, "Pictures drawn by models.")
