import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { AssistantId } from "../../../domain/assistants/Assistants/Model"
import { Authenticated } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import { Fields } from "../../../http/Fields"
import { body, bodyOf, messageBody } from "../Body"
import { ConfigBody, ConfigChange, configExample, NewConfig } from "../Configs/Body"
import { errors } from "../Errors"
import { pageFields, pageParams } from "../Paging"

const path = "/api/admin/templates"
const id = HttpApiSchema.param(
  "id",
  AssistantId.annotations({ description: "The template's id", ...example(configExample.id) }),
)
const singleResponse = bodyOf("The template", "template", ConfigBody)

export const endpoints = HttpApiGroup.make("adminTemplates")
  .add(
    HttpApiEndpoint.get("listTemplates", path)
      .setUrlParams(Fields(pageParams(1000)))
      .addSuccess(body("A page of templates", pageFields("templates", ConfigBody)))
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "List config templates (admin)")
      .annotate(OpenApi.Description, "For administrators. Returns a page of all templates, newest first."),
  )
  .add(
    HttpApiEndpoint.post("createTemplate", path)
      .setPayload(NewConfig)
      .addSuccess(singleResponse, { status: 201 })
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "Create a config template (admin)")
      .annotate(OpenApi.Description, "For administrators. Creates a template, visible to all users at once."),
  )
  .add(
    HttpApiEndpoint.put("updateTemplate")`/api/admin/templates/${id}`
      .setPayload(ConfigChange)
      .addSuccess(singleResponse)
      .addError(errors.AdminRequired)
      .addError(errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Update a config template (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Changes the fields that are present, on any administrator's template.",
      ),
  )
  .add(
    HttpApiEndpoint.del("deleteTemplate")`/api/admin/templates/${id}`
      .addSuccess(messageBody("Template deleted"))
      .addError(errors.AdminRequired)
      .addError(errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Delete a config template (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Deletes the template; copies that users made are not affected.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Config templates")
  .annotate(OpenApi.Description, "Configs that administrators make for all users.")
