import { Effect } from "effect"
import { App } from "../../../support/App"
import type { Sample } from "./Sample"

const template = { name: "Greeting", category: "writing", template_text: "Greet {name} in {language}" }

/** Creates a prompt template, which all users see, as an administrator. */
const ids = () =>
  Effect.gen(function* () {
    const app = yield* App
    const { token } = yield* app.newAdmin()
    const created = yield* app.request("POST", "/api/prompt-templates/", { token, body: template })
    return created.at("template.id")
  })

export const promptTemplates: Readonly<Record<string, Sample>> = {
  usePromptTemplate: { ids, allowedFor: "everyone" },
  createPromptTemplate: { allowedFor: "admin" },
  updatePromptTemplate: { ids, body: { name: "Welcome", is_active: true }, allowedFor: "admin" },
  deletePromptTemplate: { ids, allowedFor: "admin" },
}
