import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { AssistantId, GallerySort } from "../../../domain/assistants/Assistants/Model"
import { Text } from "../../../domain/shared/Text"
import { Fields } from "../../../http/Fields"
import { FilterParam } from "../../../http/Params"
import { SignedIn } from "../Authentication"
import { answer, Said } from "../Body"
import { ConfigBody } from "../Configs/Body"
import * as Errors from "../Errors"
import { listed, paging } from "../Paging"
import { GalleryConfigBody } from "./Body"

const id = HttpApiSchema.param("id", AssistantId.annotations({ description: "The config's id" }))

/** `coding, development` */
const TagsParam = Schema.transform(Text, Schema.Array(Schema.String), {
  strict: true,
  decode: (text) => text.split(",").flatMap((tag) => tag.trim() || []),
  encode: (tags) => tags.join(","),
}).annotations({ jsonSchema: { type: "string", description: "Tags between commas: only what has them all" } })

export const gallery = HttpApiGroup.make("gallery")
  .add(
    HttpApiEndpoint.get("browseGallery", "/api/gallery")
      .setUrlParams(
        Fields({
          ...paging(20),
          search: Schema.optionalWith(Text, { default: () => "" }).annotations({
            description: "Text to find in name or description as it stands, in any case",
          }),
          tags: Schema.optionalWith(TagsParam, { default: () => [] }),
          model: FilterParam("Only what is made for this model"),
          sort: Schema.optionalWith(GallerySort, { default: () => "uses_count" }).annotations({
            description: "By what they are listed: the most or the latest first",
          }),
        }),
      )
      .addSuccess(answer("A page of configs", { configs: Schema.Array(GalleryConfigBody), ...listed }))
      .annotate(OpenApi.Summary, "Browse the gallery")
      .annotate(OpenApi.Description, "A page of the public configs. Templates have a list of their own."),
  )
  .add(
    HttpApiEndpoint.get("galleryTemplates", "/api/gallery/templates")
      .setUrlParams(Fields(paging(50)))
      .addSuccess(answer("A page of templates", { templates: Schema.Array(GalleryConfigBody), ...listed }))
      .annotate(OpenApi.Summary, "List templates")
      .annotate(OpenApi.Description, "Made by administrators for everyone, the newest first."),
  )
  .add(
    HttpApiEndpoint.get("savedConfigs", "/api/gallery/saved")
      .setUrlParams(Fields(paging(1000)))
      .addSuccess(answer("A page of configs", { configs: Schema.Array(GalleryConfigBody), ...listed }))
      .annotate(OpenApi.Summary, "List saved configs")
      .annotate(
        OpenApi.Description,
        "The caller's collection, the last saved first. What its owner shows no more is left out.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getGalleryConfig")`/api/gallery/${id}`
      .addSuccess(answer("The config, and whose it is", { config: GalleryConfigBody }))
      .addError(Errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Get a config of the gallery")
      .annotate(OpenApi.Description, "A public config or a template."),
  )
  .add(
    HttpApiEndpoint.post("saveConfig")`/api/gallery/${id}/save`
      .addSuccess(Said)
      .addError(Errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Save a config")
      .annotate(OpenApi.Description, "Keeps it in the caller's collection, where it counts once."),
  )
  .add(
    HttpApiEndpoint.post("unsaveConfig")`/api/gallery/${id}/unsave`
      .addSuccess(Said)
      .addError(Errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Unsave a config")
      .annotate(OpenApi.Description, "Takes it out of the caller's collection, if it is there."),
  )
  .add(
    HttpApiEndpoint.post("useConfig")`/api/gallery/${id}/use`
      .addSuccess(answer("The copy", { config: ConfigBody, message: Schema.String }))
      .addError(Errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Use a config")
      .annotate(OpenApi.Description, "Makes a private copy that is the caller's own, and counts the use."),
  )
  .middleware(SignedIn)
  .annotate(OpenApi.Title, "Gallery")
  .annotate(OpenApi.Description, "Configs that others show, and templates.")
