import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { AssistantId } from "../../../domain/assistants/Assistants/Model"
import { Fields } from "../../../http/Fields"
import { SignedIn } from "../Authentication"
import { answer, Said } from "../Body"
import { ConfigBody, ConfigChange, NewConfig } from "../Configs/Body"
import * as Errors from "../Errors"
import { listed, paging } from "../Paging"

const path = "/api/admin/templates"
const id = HttpApiSchema.param("id", AssistantId.annotations({ description: "The template's id" }))
const one = answer("The template", { template: ConfigBody })

export const adminTemplates = HttpApiGroup.make("adminTemplates")
  .add(
    HttpApiEndpoint.get("listTemplates", path)
      .setUrlParams(Fields(paging(1000)))
      .addSuccess(answer("A page of templates", { templates: Schema.Array(ConfigBody), ...listed }))
      .addError(Errors.AdminsOnly)
      .annotate(OpenApi.Summary, "List config templates (admin)")
      .annotate(OpenApi.Description, "For administrators: all of them, whoever made them, the newest first."),
  )
  .add(
    HttpApiEndpoint.post("createTemplate", path)
      .setPayload(NewConfig)
      .addSuccess(one, { status: 201 })
      .addError(Errors.AdminsOnly)
      .annotate(OpenApi.Summary, "Create a config template (admin)")
      .annotate(OpenApi.Description, "For administrators. Everyone sees the new template at once."),
  )
  .add(
    HttpApiEndpoint.put("updateTemplate")`/api/admin/templates/${id}`
      .setPayload(ConfigChange)
      .addSuccess(one)
      .addError(Errors.AdminsOnly)
      .addError(Errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Update a config template (admin)")
      .annotate(OpenApi.Description, "For administrators, on any of them. What is left out stays."),
  )
  .add(
    HttpApiEndpoint.del("deleteTemplate")`/api/admin/templates/${id}`
      .addSuccess(Said)
      .addError(Errors.AdminsOnly)
      .addError(Errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Delete a config template (admin)")
      .annotate(OpenApi.Description, "For administrators. Copies that users made of it stay theirs."),
  )
  .middleware(SignedIn)
  .annotate(OpenApi.Title, "Config templates")
  .annotate(OpenApi.Description, "Configs that administrators make for everyone.")
