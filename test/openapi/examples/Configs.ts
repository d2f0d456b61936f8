import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { App } from "../../support/App"
import { Provider } from "../../support/Provider"
import { answer, status } from "../../support/Provider/Script"
import type { Recorder } from "../Recorder"
import { nowhere, type Told } from "./People"

export const config = {
  name: "Code Assistant",
  model_id: "anthropic/claude-3-sonnet",
  model_name: "Claude 3 Sonnet",
  description: "Helpful coding assistant",
  system_prompt: "You are a helpful coding assistant.",
  avatar: "👨‍💻",
  parameters: { temperature: 0.7, max_tokens: 2048, top_p: 1, frequency_penalty: 0, presence_penalty: 0 },
  tags: ["coding", "development"],
}
const missing = "CONFIG_NOT_FOUND"
const none = "Another's, or none"

/** A user's config: made, changed, copied, shown, and deleted. Another is left in the gallery: its id. */
export const tellConfigs = Effect.fn(function* (
  { recordRequest: ask, recordWithAuth: secured }: Recorder,
  { user: token }: Told,
) {
  const of = (name: string) => `UniChat.${name}`
  const create = of("createConfig")
  yield* ask(create, "VALIDATION_ERROR", "Without a model and a prompt", {
    token,
    body: { name: "My Assistant" },
  })
  const made = yield* secured(create, "created", "With all that it may have", { token, body: config })
  const path = { id: made.at("config.id") }
  yield* ask(create, "defaults", "With what it must have", {
    token,
    body: { name: "Tutor", model_id: "openai/gpt-4", system_prompt: "You are a patient tutor." },
  })
  yield* secured(of("listConfigs"), "listed", "The first page", { token })
  yield* ask(of("listConfigs"), "VALIDATION_ERROR", "A page that is none", { token, query: { page: "0" } })
  yield* secured(of("getConfig"), "got", "One of the caller's own", { token, path })
  yield* ask(of("getConfig"), missing, none, { token, path: nowhere })

  const update = of("updateConfig")
  const body = { name: "Updated Name", parameters: { temperature: 0.2 }, tags: ["updated", "tags"] }
  yield* ask(update, "VALIDATION_ERROR", "Too hot", { token, path, body: { parameters: { temperature: 3 } } })
  yield* ask(update, missing, none, { token, path: nowhere, body })
  yield* secured(update, "updated", "One parameter among others", { token, path, body })

  const duplicate = of("duplicateConfig")
  yield* ask(duplicate, "VALIDATION_ERROR", "A name that is none", { token, path, body: { name: "" } })
  yield* ask(duplicate, missing, none, { token, path: nowhere, body: {} })
  const copy = yield* secured(duplicate, "duplicated", "Under another name", {
    token,
    path,
    body: { name: "Copy of Config Name" },
  })

  const shown = { id: copy.at("config.id") }
  yield* secured(of("publishConfig"), "published", "Shown to everyone", { token, path: shown })
  yield* ask(of("publishConfig"), missing, none, { token, path: nowhere })
  yield* secured(of("unpublishConfig"), "unpublished", "The owner's alone", { token, path })
  yield* ask(of("unpublishConfig"), missing, none, { token, path: nowhere })
  yield* secured(of("deleteConfig"), "deleted", "For good", { token, path })
  yield* ask(of("deleteConfig"), missing, "It is gone", { token, path })
  return shown.id
})

/** Prompts made better, until the model is too busy and the limit is reached. */
export const tellEnhancing = Effect.fn(function* ({ recordRequest: ask, recordWithAuth: secured }: Recorder) {
  const provider = yield* Provider
  const sql = yield* SqlClient.SqlClient
  const enhance = "UniChat.enhancePrompt"
  const { id, token } = yield* (yield* App).newUser()
  const body = { prompt: "You are a helpful assistant" }
  const better =
    "You are a highly knowledgeable and helpful AI assistant. Your role is to provide clear, accurate, and comprehensive responses."
  yield* provider.script(answer(better))
  yield* secured(enhance, "enhanced", "By the default model", { token, body })
  yield* ask(enhance, "VALIDATION_ERROR", "No prompt", { token, body: { prompt: "" } })
  yield* provider.script(status(429, undefined, { "retry-after": "60" }))
  yield* ask(enhance, "MODEL_RATE_LIMITED", "The provider has too much to do", { token, body })
  yield* sql`update usage_accounts set tokens_limit = 1 where user_id = ${id}`
  yield* ask(enhance, "TOKEN_LIMIT_REACHED", "The user's limit does not cover it", { token, body })
})
