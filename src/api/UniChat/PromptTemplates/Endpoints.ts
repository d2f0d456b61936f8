import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { PromptTemplateId, TemplateFields } from "../../../domain/assistants/PromptTemplates/Model"
import { Authenticated } from "../../../http/Authenticated"
import { Fields, optionalRenamed, renamed } from "../../../http/Fields"
import { OptionalTextParam } from "../../../http/Params"
import { body, MessageReply } from "../Body"
import { errors } from "../Errors"
import { pageFields, pageParams } from "../Paging"

const fieldDocs = {
  name: { description: "The name" },
  category: { description: "The category it is listed under" },
  text: { description: "The prompt, with placeholders such as `{variable}`" },
  description: { description: "The purpose, for people" },
}

const PromptTemplate = Schema.Struct({
  id: PromptTemplateId,
  name: Schema.String,
  category: Schema.String,
  templateText: renamed("template_text", Schema.String).annotations(fieldDocs.text),
  variables: Schema.Array(Schema.String),
  description: Schema.String,
  usageCount: renamed("usage_count", Schema.Int),
  isActive: renamed("is_active", Schema.Boolean),
  createdAt: renamed("created_at", Schema.Date),
}).annotations({ identifier: "PromptTemplate" })

const { name, category, templateText, variables, description, isActive } = TemplateFields

const NewTemplate = Fields({
  name: renamed("name", name).annotations(fieldDocs.name),
  category: renamed("category", category).annotations(fieldDocs.category),
  templateText: renamed("template_text", templateText).annotations(fieldDocs.text),
  variables: optionalRenamed("variables", variables).annotations({
    description: "Names of the placeholders; defaults to those in the text",
  }),
  description: optionalRenamed("description", description).annotations(fieldDocs.description),
})

const TemplateChange = Fields({
  name: optionalRenamed("name", name).annotations(fieldDocs.name),
  category: optionalRenamed("category", category).annotations(fieldDocs.category),
  templateText: optionalRenamed("template_text", templateText).annotations(fieldDocs.text),
  variables: optionalRenamed("variables", variables).annotations({
    description: "Names of the placeholders",
  }),
  description: optionalRenamed("description", description).annotations(fieldDocs.description),
  isActive: optionalRenamed("is_active", isActive).annotations({ description: "Whether it is listed" }),
})

const singleResponse = body("The template", { message: Schema.String, template: PromptTemplate })

const path = "/api/prompt-templates"
const id = HttpApiSchema.param("id", PromptTemplateId.annotations({ description: "The template's id" }))

export const endpoints = HttpApiGroup.make("promptTemplates")
  .add(
    HttpApiEndpoint.get("listPromptTemplates", path)
      .setUrlParams(
        Fields({ ...pageParams(1000), category: OptionalTextParam("Only templates of this category") }),
      )
      .addSuccess(body("A page of templates", { templates: Schema.Array(PromptTemplate), ...pageFields }))
      .annotate(OpenApi.Summary, "List prompt templates")
      .annotate(OpenApi.Description, "Returns a page of the active templates, by category and name."),
  )
  .add(
    HttpApiEndpoint.get("promptCategories", `${path}/categories`)
      .addSuccess(body("The names of the categories", { categories: Schema.Array(Schema.String) }))
      .annotate(OpenApi.Summary, "List categories")
      .annotate(OpenApi.Description, "Returns the categories of active templates, by name."),
  )
  .add(
    HttpApiEndpoint.post("usePromptTemplate")`/api/prompt-templates/${id}/use`
      .addSuccess(MessageReply)
      .addError(errors.PromptTemplateNotFound)
      .annotate(OpenApi.Summary, "Record a use")
      .annotate(OpenApi.Description, "Increments the template's usage count."),
  )
  .add(
    HttpApiEndpoint.post("createPromptTemplate", path)
      .setPayload(NewTemplate)
      .addSuccess(singleResponse, { status: 201 })
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "Create a prompt template (admin)")
      .annotate(OpenApi.Description, "For administrators. Creates an active template."),
  )
  .add(
    HttpApiEndpoint.put("updatePromptTemplate")`/api/prompt-templates/${id}`
      .setPayload(TemplateChange)
      .addSuccess(singleResponse)
      .addError(errors.AdminRequired)
      .addError(errors.PromptTemplateNotFound)
      .annotate(OpenApi.Summary, "Update a prompt template (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Changes the fields that are present; inactive templates are not listed.",
      ),
  )
  .add(
    HttpApiEndpoint.del("deletePromptTemplate")`/api/prompt-templates/${id}`
      .addSuccess(MessageReply)
      .addError(errors.AdminRequired)
      .addError(errors.PromptTemplateNotFound)
      .annotate(OpenApi.Summary, "Delete a prompt template (admin)")
      .annotate(OpenApi.Description, "For administrators. Deletes the template."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Prompt templates")
  .annotate(OpenApi.Description, "Prompts with placeholders, made by administrators for all users.")
