import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { AssistantFields, AssistantId, Visibility } from "../../../domain/assistants/Assistants/Model"
import { PromptDraft } from "../../../domain/chat/PromptEnhancer/Model"
import { Fields, named, optional } from "../../../http/Fields"
import { SignedIn } from "../Authentication"
import { answer, Said } from "../Body"
import * as Errors from "../Errors"
import { listed, paging } from "../Paging"
import { ConfigBody, ConfigChange, NewConfig } from "./Body"

const id = HttpApiSchema.param("id", AssistantId.annotations({ description: "The config's id" }))
const one = answer("The config", { config: ConfigBody })
const Shown = answer("Who sees it now", { message: Schema.String, visibility: Visibility })

export const configs = HttpApiGroup.make("configs")
  .add(
    HttpApiEndpoint.get("listConfigs", "/api/configs")
      .setUrlParams(Fields(paging(50)))
      .addSuccess(answer("A page of configs", { configs: Schema.Array(ConfigBody), ...listed }))
      .annotate(OpenApi.Summary, "List configs")
      .annotate(OpenApi.Description, "A page of the caller's own, the last changed first."),
  )
  .add(
    HttpApiEndpoint.post("enhancePrompt", "/api/configs/enhance-prompt")
      .setPayload(
        Fields({
          prompt: Schema.propertySignature(PromptDraft).annotations({
            description: "The prompt to make better",
          }),
        }),
      )
      .addSuccess(
        answer("The prompt as the model would have it", { text: named("enhanced_prompt", Schema.String) }),
      )
      .addError(Errors.TokenLimitReached)
      .addError(Errors.AnswerFailed)
      .annotate(OpenApi.Summary, "Enhance a system prompt")
      .annotate(
        OpenApi.Description,
        "The default model rewrites the prompt. It costs the caller tokens, and counts as no message.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getConfig")`/api/configs/${id}`
      .addSuccess(one)
      .addError(Errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Get a config")
      .annotate(OpenApi.Description, "One of the caller's own, one in the gallery, or a template."),
  )
  .add(
    HttpApiEndpoint.post("createConfig", "/api/configs")
      .setPayload(NewConfig)
      .addSuccess(one, { status: 201 })
      .annotate(OpenApi.Summary, "Create a config")
      .annotate(
        OpenApi.Description,
        "Private at first. Parameters that are left out are: temperature 0.7, max_tokens 2048, top_p 1, penalties 0.",
      ),
  )
  .add(
    HttpApiEndpoint.put("updateConfig")`/api/configs/${id}`
      .setPayload(ConfigChange)
      .addSuccess(one)
      .addError(Errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Update a config")
      .annotate(OpenApi.Description, "Changes what is given, single parameters too; the rest stays."),
  )
  .add(
    HttpApiEndpoint.del("deleteConfig")`/api/configs/${id}`
      .addSuccess(Said)
      .addError(Errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Delete a config")
      .annotate(OpenApi.Description, "It leaves all collections too. Conversations held with it stay."),
  )
  .add(
    HttpApiEndpoint.post("publishConfig")`/api/configs/${id}/publish`
      .addSuccess(Shown)
      .addError(Errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Publish a config")
      .annotate(OpenApi.Description, "Shows it to everyone in the gallery, its system prompt included."),
  )
  .add(
    HttpApiEndpoint.post("unpublishConfig")`/api/configs/${id}/unpublish`
      .addSuccess(Shown)
      .addError(Errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Unpublish a config")
      .annotate(OpenApi.Description, "Takes it out of the gallery. Copies that others made are theirs."),
  )
  .add(
    HttpApiEndpoint.post("duplicateConfig")`/api/configs/${id}/duplicate`
      .setPayload(
        Fields({
          name: optional(AssistantFields.name).annotations({
            description: "`Copy of` and the name, when left out",
          }),
        }),
      )
      .addSuccess(one, { status: 201 })
      .addError(Errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Duplicate a config")
      .annotate(OpenApi.Description, "A private copy of any that the caller can see."),
  )
  .middleware(SignedIn)
  .annotate(OpenApi.Title, "Configs")
  .annotate(OpenApi.Description, "Models with instructions and parameters, each user's own.")
