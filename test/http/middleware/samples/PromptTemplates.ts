import { Effect } from "effect"
import { App } from "../../../support/App"
import type { Sample } from "./Sample"

const template = { name: "Greeting", category: "writing", template_text: "Greet {name} in {language}" }

/** A template of everyone's: its maker has to be an administrator, whoever asks for it. */
const ids = () =>
  Effect.gen(function* () {
    const app = yield* App
    const { token } = yield* app.newAdmin()
    const made = yield* app.request("POST", "/api/prompt-templates/", { token, body: template })
    return made.at("template.id")
  })

export const promptTemplates: Readonly<Record<string, Sample>> = {
  usePromptTemplate: { ids, may: "everyone" },
  createPromptTemplate: { body: template, may: "admin" },
  updatePromptTemplate: { ids, body: { name: "Welcome", is_active: true }, may: "admin" },
  deletePromptTemplate: { ids, may: "admin" },
}
