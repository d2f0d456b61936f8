import { Effect } from "effect"
import { App, type TestUser } from "../../../support/App"
import type { Sample } from "./Sample"

const config = {
  name: "Code Assistant",
  model_id: "openai/scripted",
  model_name: "Scripted",
  description: "Helpful coding assistant",
  system_prompt: "You are a helpful coding assistant.",
  avatar: "🤖",
  parameters: { temperature: 0.7, max_tokens: 2048, top_p: 1, frequency_penalty: 0, presence_penalty: 0 },
  tags: ["coding"],
}
const change = { name: "Updated", description: "", parameters: { top_p: 0.5 }, tags: [] }

/** One of this person's own. */
const own = ({ token }: TestUser) =>
  Effect.gen(function* () {
    const made = yield* (yield* App).request("POST", "/api/configs", { token, body: config })
    return made.at("config.id")
  })

/** One that this person shows to everyone. */
const shown = (owner: TestUser) =>
  Effect.gen(function* () {
    const id = yield* own(owner)
    yield* (yield* App).request("POST", `/api/configs/${id}/publish`, { token: owner.token })
    return id
  })

/** A template: its maker has to be an administrator, whoever asks for it. */
const template = () =>
  Effect.gen(function* () {
    const app = yield* App
    const { token } = yield* app.newAdmin()
    const made = yield* app.request("POST", "/api/admin/templates", { token, body: config })
    return made.at("template.id")
  })

export const configs: Readonly<Record<string, Sample>> = {
  createConfig: { body: config },
  getConfig: { ids: own },
  updateConfig: { ids: own, body: change },
  deleteConfig: { ids: own },
  publishConfig: { ids: own },
  unpublishConfig: { ids: shown },
  duplicateConfig: { ids: own, body: { name: "Copy" } },
  enhancePrompt: { body: { prompt: "You are a helpful assistant" } },
  browseGallery: { query: "?search=a&tags=coding,development&model=openai/scripted&sort=saves_count" },
  getGalleryConfig: { ids: shown, may: "everyone" },
  saveConfig: { ids: shown, may: "everyone" },
  unsaveConfig: { ids: shown, may: "everyone" },
  useConfig: { ids: shown, may: "everyone" },
  listTemplates: { may: "admin" },
  createTemplate: { body: config, may: "admin" },
  updateTemplate: { ids: template, body: change, may: "admin" },
  deleteTemplate: { ids: template, may: "admin" },
}
