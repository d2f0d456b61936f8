import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { PromptTemplateId, TemplateFields } from "../../../domain/assistants/PromptTemplates/Model"
import { Authenticated } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import { constant, Fields, optionalRenamed, renamed } from "../../../http/Fields"
import { OptionalTextParam } from "../../../http/Params"
import { body, bodyOf, messageBody } from "../Body"
import { errors } from "../Errors"
import { pageFields, pageParams } from "../Paging"

const fieldDocs = {
  name: { description: "The name" },
  category: { description: "The category under which it is listed" },
  text: { description: "The prompt, with placeholders such as `{variable}`" },
  description: { description: "A description for users" },
}

const newTemplateExample = {
  name: "Marketing Copy",
  category: "marketing",
  template_text: "Create compelling marketing copy for {product} targeting {audience}",
  variables: ["product", "audience"],
  description: "Generate marketing copy",
}

const templateExample = {
  id: "019bc0f1-2c15-7c3a-9d52-9bbd87e9934c",
  ...newTemplateExample,
  usage_count: 0,
  is_active: true,
  created_at: "2026-01-15T09:59:17.000Z",
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
}).annotations({ identifier: "PromptTemplate", ...example(templateExample) })

const { name, category, templateText, variables, description, isActive } = TemplateFields

const NewTemplate = Fields({
  name: renamed("name", name).annotations(fieldDocs.name),
  category: renamed("category", category).annotations(fieldDocs.category),
  templateText: renamed("template_text", templateText).annotations(fieldDocs.text),
  variables: optionalRenamed("variables", variables).annotations({
    description: "Names of the placeholders; defaults to those in the text",
  }),
  description: optionalRenamed("description", description).annotations(fieldDocs.description),
}).annotations(example(newTemplateExample))

const TemplateChange = Fields({
  name: optionalRenamed("name", name).annotations(fieldDocs.name),
  category: optionalRenamed("category", category).annotations(fieldDocs.category),
  templateText: optionalRenamed("template_text", templateText).annotations(fieldDocs.text),
  variables: optionalRenamed("variables", variables).annotations({
    description: "Names of the placeholders",
  }),
  description: optionalRenamed("description", description).annotations(fieldDocs.description),
  isActive: optionalRenamed("is_active", isActive).annotations({ description: "Whether it is listed" }),
}).annotations(example({ name: "Copy", template_text: "Copy for {product}" }))

const singleResponse = (message: string) =>
  body("The template", { message: constant(message), template: PromptTemplate })

const path = "/api/prompt-templates"
const id = HttpApiSchema.param(
  "id",
  PromptTemplateId.annotations({ description: "The template's id", ...example(templateExample.id) }),
)

export const endpoints = HttpApiGroup.make("promptTemplates")
  .add(
    HttpApiEndpoint.get("listPromptTemplates", path)
      .setUrlParams(
        Fields({
          ...pageParams(1000),
          category: OptionalTextParam("Only templates of this category"),
        }).annotations(example({ category: "marketing" })),
      )
      .addSuccess(body("A page of templates", pageFields("templates", PromptTemplate)))
      .annotate(OpenApi.Summary, "List prompt templates")
      .annotate(OpenApi.Description, "Returns a page of the active templates, by category and name."),
  )
  .add(
    HttpApiEndpoint.get("promptCategories", `${path}/categories`)
      .addSuccess(
        bodyOf(
          "The names of the categories",
          "categories",
          Schema.Array(Schema.String).annotations(example(["marketing"])),
        ),
      )
      .annotate(OpenApi.Summary, "List categories")
      .annotate(OpenApi.Description, "Returns the categories of active templates, by name."),
  )
  .add(
    HttpApiEndpoint.post("usePromptTemplate")`/api/prompt-templates/${id}/use`
      .addSuccess(messageBody("Usage recorded"))
      .addError(errors.PromptTemplateNotFound)
      .annotate(OpenApi.Summary, "Record a use")
      .annotate(OpenApi.Description, "Increments the template's usage count."),
  )
  .add(
    HttpApiEndpoint.post("createPromptTemplate", path)
      .setPayload(NewTemplate)
      .addSuccess(singleResponse("Template created"), { status: 201 })
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "Create a prompt template (admin)")
      .annotate(OpenApi.Description, "For administrators. Creates an active template."),
  )
  .add(
    HttpApiEndpoint.put("updatePromptTemplate")`/api/prompt-templates/${id}`
      .setPayload(TemplateChange)
      .addSuccess(singleResponse("Template updated"))
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
      .addSuccess(messageBody("Template deleted"))
      .addError(errors.AdminRequired)
      .addError(errors.PromptTemplateNotFound)
      .annotate(OpenApi.Summary, "Delete a prompt template (admin)")
      .annotate(OpenApi.Description, "For administrators. Deletes the template."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Prompt templates")
  .annotate(OpenApi.Description, "Prompts with placeholders, made by administrators for all users.")
