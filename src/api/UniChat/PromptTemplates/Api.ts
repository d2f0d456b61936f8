import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { PromptTemplateId, TemplateFields } from "../../../domain/assistants/PromptTemplates/Model"
import { Fields, named, optionalNamed } from "../../../http/Fields"
import { FilterParam } from "../../../http/Params"
import { SignedIn } from "../Authentication"
import { answer, Said } from "../Body"
import * as Errors from "../Errors"
import { listed, paging } from "../Paging"

const words = {
  name: { description: "What it is called" },
  category: { description: "Under what it is listed" },
  text: { description: "The prompt, with `{variables}` to fill in" },
  description: { description: "What it is for, for people" },
}

const PromptTemplate = Schema.Struct({
  id: PromptTemplateId,
  name: Schema.String,
  category: Schema.String,
  templateText: named("template_text", Schema.String).annotations(words.text),
  variables: Schema.Array(Schema.String),
  description: Schema.String,
  usageCount: named("usage_count", Schema.Int),
  isActive: named("is_active", Schema.Boolean),
  createdAt: named("created_at", Schema.Date),
}).annotations({ identifier: "PromptTemplate" })

const { name, category, templateText, variables, description, isActive } = TemplateFields

const NewTemplate = Fields({
  name: named("name", name).annotations(words.name),
  category: named("category", category).annotations(words.category),
  templateText: named("template_text", templateText).annotations(words.text),
  variables: optionalNamed("variables", variables).annotations({
    description: "Names to fill in; those in the text, when left out",
  }),
  description: optionalNamed("description", description).annotations(words.description),
})

const TemplateChange = Fields({
  name: optionalNamed("name", name).annotations(words.name),
  category: optionalNamed("category", category).annotations(words.category),
  templateText: optionalNamed("template_text", templateText).annotations(words.text),
  variables: optionalNamed("variables", variables).annotations({ description: "Names to fill in" }),
  description: optionalNamed("description", description).annotations(words.description),
  isActive: optionalNamed("is_active", isActive).annotations({ description: "Whether anybody sees it" }),
})

const one = answer("The template", { message: Schema.String, template: PromptTemplate })

const path = "/api/prompt-templates"
const id = HttpApiSchema.param("id", PromptTemplateId.annotations({ description: "The template's id" }))

export const promptTemplates = HttpApiGroup.make("promptTemplates")
  .add(
    HttpApiEndpoint.get("listPromptTemplates", path)
      .setUrlParams(Fields({ ...paging(1000), category: FilterParam("Only this category's") }))
      .addSuccess(answer("A page of templates", { templates: Schema.Array(PromptTemplate), ...listed }))
      .annotate(OpenApi.Summary, "List prompt templates")
      .annotate(OpenApi.Description, "A page of the active ones, by category and name."),
  )
  .add(
    HttpApiEndpoint.get("promptCategories", `${path}/categories`)
      .addSuccess(answer("The categories' names", { categories: Schema.Array(Schema.String) }))
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
      .addSuccess(one, { status: 201 })
      .addError(Errors.AdminsOnly)
      .annotate(OpenApi.Summary, "Create a prompt template (admin)")
      .annotate(OpenApi.Description, "For administrators. The new template is active at once."),
  )
  .add(
    HttpApiEndpoint.put("updatePromptTemplate")`/api/prompt-templates/${id}`
      .setPayload(TemplateChange)
      .addSuccess(one)
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
