import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { PromptTemplateId, TemplateFields } from "../../../domain/conversation/PromptTemplates/Model"
import { Fields, named, optional, optionalNamed } from "../../frame/Fields"
import { FilterParam } from "../../frame/Params"
import { Said } from "../Body"
import * as Errors from "../Errors"
import { listed, paging } from "../Paging"
import { SignedIn } from "../SignedIn"

const PromptTemplate = Schema.Struct({
  id: PromptTemplateId,
  name: Schema.String,
  category: Schema.String,
  templateText: named(
    "template_text",
    Schema.String.annotations({ description: "The prompt, with `{variables}` to fill in" }),
  ),
  variables: Schema.Array(Schema.String),
  description: Schema.String,
  usageCount: named("usage_count", Schema.Int),
  isActive: named("is_active", Schema.Boolean),
  createdAt: named("created_at", Schema.Date),
}).annotations({ identifier: "PromptTemplate" })

const { name, category, templateText, variables, description, isActive } = TemplateFields

const NewTemplate = Fields({
  name,
  category,
  templateText: named("template_text", templateText),
  variables: optional(variables.annotations({ description: "Those in the text, when left out" })),
  description: optional(description),
})

const TemplateChange = Fields({
  name: optional(name),
  category: optional(category),
  templateText: optionalNamed("template_text", templateText),
  variables: optional(variables),
  description: optional(description),
  isActive: optionalNamed("is_active", isActive),
})

const path = "/api/prompt-templates"
const id = HttpApiSchema.param("id", PromptTemplateId.annotations({ description: "The template's id" }))

export const promptTemplates = HttpApiGroup.make("promptTemplates")
  .add(
    HttpApiEndpoint.get("listPromptTemplates", path)
      .setUrlParams(Fields({ ...paging(1000), category: FilterParam("Only this category's") }))
      .addSuccess(Schema.Struct({ templates: Schema.Array(PromptTemplate), ...listed }))
      .annotate(OpenApi.Summary, "List prompt templates")
      .annotate(OpenApi.Description, "A page of the active ones, by category and name."),
  )
  .add(
    HttpApiEndpoint.get("promptCategories", `${path}/categories`)
      .addSuccess(Schema.Struct({ categories: Schema.Array(Schema.String) }))
      .annotate(OpenApi.Summary, "List categories")
      .annotate(OpenApi.Description, "The categories in which there are active templates, by name."),
  )
  .add(
    HttpApiEndpoint.post("usePromptTemplate")`/api/prompt-templates/${id}/use`
      .addSuccess(Said)
      .addError(Errors.PromptTemplateNotFound)
      .annotate(OpenApi.Summary, "Record a use")
      .annotate(OpenApi.Description, "Adds one to the template's usage count."),
  )
  .add(
    HttpApiEndpoint.post("createPromptTemplate", path)
      .setPayload(NewTemplate)
      .addSuccess(Schema.Struct({ message: Schema.String, template: PromptTemplate }), { status: 201 })
      .addError(Errors.AdminsOnly)
      .annotate(OpenApi.Summary, "Create a prompt template (admin)")
      .annotate(OpenApi.Description, "For administrators. The new template is active at once."),
  )
  .add(
    HttpApiEndpoint.put("updatePromptTemplate")`/api/prompt-templates/${id}`
      .setPayload(TemplateChange)
      .addSuccess(Schema.Struct({ message: Schema.String, template: PromptTemplate }))
      .addError(Errors.AdminsOnly)
      .addError(Errors.PromptTemplateNotFound)
      .annotate(OpenApi.Summary, "Update a prompt template (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. What is left out stays; one that is not active is seen by nobody.",
      ),
  )
  .add(
    HttpApiEndpoint.del("deletePromptTemplate")`/api/prompt-templates/${id}`
      .addSuccess(Said)
      .addError(Errors.AdminsOnly)
      .addError(Errors.PromptTemplateNotFound)
      .annotate(OpenApi.Summary, "Delete a prompt template (admin)")
      .annotate(OpenApi.Description, "For administrators."),
  )
  .middleware(SignedIn)
  .annotate(OpenApi.Title, "Prompt templates")
  .annotate(OpenApi.Description, "Prompts with variables, made by administrators for everyone.")
