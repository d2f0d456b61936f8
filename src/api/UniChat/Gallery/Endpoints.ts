import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { AssistantId, GallerySort } from "../../../domain/assistants/Assistants/Model"
import { Text } from "../../../domain/shared/Text"
import { Authenticated } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import { constant, Fields } from "../../../http/Fields"
import { OptionalTextParam } from "../../../http/Params"
import { body, bodyOf, messageBody } from "../Body"
import { ConfigBody, configExample } from "../Configs/Body"
import { errors } from "../Errors"
import { pageFields, pageParams } from "../Paging"
import { GalleryConfigBody } from "./Body"

const id = HttpApiSchema.param(
  "id",
  AssistantId.annotations({ description: "The config's id", ...example(configExample.id) }),
)

/** A comma-separated list of tags: `coding, development`. */
const TagsParam = Schema.transform(Text, Schema.Array(Schema.String), {
  strict: true,
  decode: (text) => text.split(",").flatMap((tag) => tag.trim() || []),
  encode: (tags) => tags.join(","),
}).annotations({
  jsonSchema: { type: "string", description: "Comma-separated tags: only configs that have all of them" },
})

export const endpoints = HttpApiGroup.make("gallery")
  .add(
    HttpApiEndpoint.get("browseGallery", "/api/gallery")
      .setUrlParams(
        Fields({
          ...pageParams(20),
          search: Schema.optionalWith(Text, { default: () => "" }).annotations({
            description: "Literal text to find in the name or description, case-insensitive",
          }),
          tags: Schema.optionalWith(TagsParam, { default: () => [] }),
          model: OptionalTextParam("Only configs of this model"),
          sort: Schema.optionalWith(GallerySort, { default: () => "uses_count" }).annotations({
            description: "Sort order: highest count or newest first",
          }),
        }).annotations(example({ search: "coding", tags: "coding,development", sort: "saves_count" })),
      )
      .addSuccess(body("A page of configs", pageFields("configs", GalleryConfigBody)))
      .annotate(OpenApi.Summary, "Browse the gallery")
      .annotate(
        OpenApi.Description,
        "Returns a page of the public configs. Templates are listed separately.",
      ),
  )
  .add(
    HttpApiEndpoint.get("galleryTemplates", "/api/gallery/templates")
      .setUrlParams(Fields(pageParams(50)))
      .addSuccess(body("A page of templates", pageFields("templates", GalleryConfigBody)))
      .annotate(OpenApi.Summary, "List templates")
      .annotate(
        OpenApi.Description,
        "Returns the templates that administrators made for all users, newest first.",
      ),
  )
  .add(
    HttpApiEndpoint.get("savedConfigs", "/api/gallery/saved")
      .setUrlParams(Fields(pageParams(1000)))
      .addSuccess(body("A page of configs", pageFields("configs", GalleryConfigBody)))
      .annotate(OpenApi.Summary, "List saved configs")
      .annotate(
        OpenApi.Description,
        "Returns the configs that the caller saved, last saved first, without those that their owners unpublished.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getGalleryConfig")`/api/gallery/${id}`
      .addSuccess(bodyOf("The config and its owner", "config", GalleryConfigBody))
      .addError(errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Get a gallery config")
      .annotate(OpenApi.Description, "Returns a public config or a template."),
  )
  .add(
    HttpApiEndpoint.post("saveConfig")`/api/gallery/${id}/save`
      .addSuccess(messageBody("Config saved to your collection"))
      .addError(errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Save a config")
      .annotate(
        OpenApi.Description,
        "Adds the config to the caller's collection. Idempotent: each user is counted once.",
      ),
  )
  .add(
    HttpApiEndpoint.post("unsaveConfig")`/api/gallery/${id}/unsave`
      .addSuccess(messageBody("Config removed from your collection"))
      .addError(errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Unsave a config")
      .annotate(OpenApi.Description, "Removes the config from the caller's collection."),
  )
  .add(
    HttpApiEndpoint.post("useConfig")`/api/gallery/${id}/use`
      .addSuccess(
        body("The copy", { config: ConfigBody, message: constant("Config copied to your collection") }),
      )
      .addError(errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Use a config")
      .annotate(OpenApi.Description, "Creates a private copy that the caller owns, and counts the use."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Gallery")
  .annotate(OpenApi.Description, "Public configs of all users, and templates.")
