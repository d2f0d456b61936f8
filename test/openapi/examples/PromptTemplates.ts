import { Effect } from "effect"
import type { Recorder } from "../Recorder"
import { nowhere, type Told } from "./People"

/** Templates: an administrator makes one, somebody uses it. */
export const tellPromptTemplates = Effect.fn(function* (
  { recordRequest: ask, recordWithAuth: secured }: Recorder,
  { user, admin }: Told,
) {
  const create = "UniChat.createPromptTemplate"
  const template = {
    name: "Marketing Copy",
    category: "marketing",
    template_text: "Create compelling marketing copy for {product} targeting {audience}",
    variables: ["product", "audience"],
    description: "Generate marketing copy",
  }
  yield* ask(create, "ADMIN_REQUIRED", "Somebody else", { token: user, body: template })
  yield* ask(create, "VALIDATION_ERROR", "Without a text", { token: admin, body: { name: "Copy" } })
  const made = yield* secured(create, "created", "With its variables", { token: admin, body: template })
  const path = { id: made.at("template.id") }

  yield* secured("UniChat.listPromptTemplates", "active", "One category's", {
    token: user,
    query: { category: "marketing" },
  })
  yield* ask("UniChat.listPromptTemplates", "VALIDATION_ERROR", "A page that is none", {
    token: user,
    query: { page: "0" },
  })
  yield* secured("UniChat.promptCategories", "categories", "All of them", { token: user })
  yield* secured("UniChat.usePromptTemplate", "used", "Counted", { token: user, path })
  yield* ask("UniChat.usePromptTemplate", "PROMPT_TEMPLATE_NOT_FOUND", "There is none", {
    token: user,
    path: nowhere,
  })

  const update = "UniChat.updatePromptTemplate"
  const body = { name: "Copy", template_text: "Copy for {product}" }
  yield* ask(update, "ADMIN_REQUIRED", "Somebody else", { token: user, path, body })
  yield* ask(update, "VALIDATION_ERROR", "A name that is none", { token: admin, path, body: { name: "" } })
  yield* ask(update, "PROMPT_TEMPLATE_NOT_FOUND", "There is none", { token: admin, path: nowhere, body })
  yield* secured(update, "updated", "Another text", { token: admin, path, body })

  const remove = "UniChat.deletePromptTemplate"
  yield* ask(remove, "ADMIN_REQUIRED", "Somebody else", { token: user, path })
  yield* secured(remove, "deleted", "For good", { token: admin, path })
  yield* ask(remove, "PROMPT_TEMPLATE_NOT_FOUND", "It is gone", { token: admin, path })
})
