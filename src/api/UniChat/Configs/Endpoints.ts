import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { AssistantFields, AssistantId } from "../../../domain/assistants/Assistants/Model"
import { PromptDraft } from "../../../domain/chat/PromptEnhancer/Model"
import { Authenticated } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import { constant, Fields, optional } from "../../../http/Fields"
import { body, bodyOf, messageBody } from "../Body"
import { errors } from "../Errors"
import { pageFields, pageParams } from "../Paging"
import { ConfigBody, ConfigChange, ConfigVisibility, configExample, NewConfig } from "./Body"

const id = HttpApiSchema.param(
  "id",
  AssistantId.annotations({ description: "The config's id", ...example(configExample.id) }),
)
const singleResponse = bodyOf("The config", "config", ConfigBody)
const visibilityBody = (message: string, visibility: typeof ConfigVisibility.Encoded) =>
  body("The new visibility", {
    message: constant(message),
    visibility: ConfigVisibility.annotations(example(visibility)),
  })

export const endpoints = HttpApiGroup.make("configs")
  .add(
    HttpApiEndpoint.get("listConfigs", "/api/configs")
      .setUrlParams(Fields(pageParams(50)))
      .addSuccess(body("A page of configs", pageFields("configs", ConfigBody)))
      .annotate(OpenApi.Summary, "List configs")
      .annotate(OpenApi.Description, "Returns a page of the caller's configs, last changed first."),
  )
  .add(
    HttpApiEndpoint.post("enhancePrompt", "/api/configs/enhance-prompt")
      .setPayload(
        Fields({
          prompt: Schema.propertySignature(PromptDraft).annotations({
            description: "The prompt to improve",
          }),
        }).annotations(example({ prompt: "You are a helpful assistant" })),
      )
      .addSuccess(
        bodyOf(
          "The improved prompt",
          "enhanced_prompt",
          Schema.String.annotations(
            example("You are a knowledgeable assistant. Give clear, accurate and complete answers."),
          ),
        ),
      )
      .addError(errors.TokenLimitReached)
      .addError(errors.GenerationFailed)
      .annotate(OpenApi.Summary, "Enhance a system prompt")
      .annotate(
        OpenApi.Description,
        "Rewrites the prompt with the default model. Uses the caller's tokens, but does not count as a message.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getConfig")`/api/configs/${id}`
      .addSuccess(singleResponse)
      .addError(errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Get a config")
      .annotate(OpenApi.Description, "Returns one of the caller's configs, a public config or a template."),
  )
  .add(
    HttpApiEndpoint.post("createConfig", "/api/configs")
      .setPayload(NewConfig)
      .addSuccess(singleResponse, { status: 201 })
      .annotate(OpenApi.Summary, "Create a config")
      .annotate(
        OpenApi.Description,
        "Creates a private config. Parameters that are left out are shown as temperature 0.7, max_tokens 2048, top_p 1 and penalties 0, and are not sent to the model.",
      ),
  )
  .add(
    HttpApiEndpoint.put("updateConfig")`/api/configs/${id}`
      .setPayload(ConfigChange)
      .addSuccess(singleResponse)
      .addError(errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Update a config")
      .annotate(
        OpenApi.Description,
        "Changes the fields and parameters that are present; the others stay unchanged.",
      ),
  )
  .add(
    HttpApiEndpoint.del("deleteConfig")`/api/configs/${id}`
      .addSuccess(messageBody("Config deleted"))
      .addError(errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Delete a config")
      .annotate(
        OpenApi.Description,
        "Deletes the config and removes it from all collections. Its conversations are not deleted.",
      ),
  )
  .add(
    HttpApiEndpoint.post("publishConfig")`/api/configs/${id}/publish`
      .addSuccess(visibilityBody("Config published", "public"))
      .addError(errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Publish a config")
      .annotate(OpenApi.Description, "Makes the config public in the gallery, including its system prompt."),
  )
  .add(
    HttpApiEndpoint.post("unpublishConfig")`/api/configs/${id}/unpublish`
      .addSuccess(visibilityBody("Config unpublished", "private"))
      .addError(errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Unpublish a config")
      .annotate(
        OpenApi.Description,
        "Removes the config from the gallery. Copies that other users made are not affected.",
      ),
  )
  .add(
    HttpApiEndpoint.post("duplicateConfig")`/api/configs/${id}/duplicate`
      .setPayload(
        Fields({
          name: optional(AssistantFields.name).annotations({
            description: "Defaults to `Copy of` and the original name",
          }),
        }).annotations(example({ name: "Copy of Config Name" })),
      )
      .addSuccess(singleResponse, { status: 201 })
      .addError(errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Duplicate a config")
      .annotate(OpenApi.Description, "Creates a private copy of any config that the caller can see."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Configs")
  .annotate(OpenApi.Description, "Models with a system prompt and parameters, owned by users.")
