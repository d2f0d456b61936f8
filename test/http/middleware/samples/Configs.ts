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
const update = { name: "Updated", description: "", parameters: { top_p: 0.5 }, tags: [] }

/** Creates a private config of this user. */
const newPrivate = ({ token }: TestUser) =>
  Effect.gen(function* () {
    const created = yield* (yield* App).request("POST", "/api/configs", { token, body: config })
    return created.at("config.id")
  })

/** Creates a published config of this user. */
const newPublished = (owner: TestUser) =>
  Effect.gen(function* () {
    const id = yield* newPrivate(owner)
    yield* (yield* App).request("POST", `/api/configs/${id}/publish`, { token: owner.token })
    return id
  })

/** Creates a template, as an administrator. */
const newTemplate = () =>
  Effect.gen(function* () {
    const app = yield* App
    const { token } = yield* app.newAdmin()
    const created = yield* app.request("POST", "/api/admin/templates", { token, body: config })
    return created.at("template.id")
  })

export const configs: Readonly<Record<string, Sample>> = {
  getConfig: { ids: newPrivate },
  updateConfig: { ids: newPrivate, body: update },
  deleteConfig: { ids: newPrivate },
  publishConfig: { ids: newPrivate },
  unpublishConfig: { ids: newPublished },
  duplicateConfig: { ids: newPrivate },
  browseGallery: { query: "?search=a&tags=coding,development&model=openai/scripted&sort=saves_count" },
  getGalleryConfig: { ids: newPublished, allowedFor: "everyone" },
  saveConfig: { ids: newPublished, allowedFor: "everyone" },
  unsaveConfig: { ids: newPublished, allowedFor: "everyone" },
  useConfig: { ids: newPublished, allowedFor: "everyone" },
  listTemplates: { allowedFor: "admin" },
  createTemplate: { allowedFor: "admin" },
  updateTemplate: { ids: newTemplate, body: update, allowedFor: "admin" },
  deleteTemplate: { ids: newTemplate, allowedFor: "admin" },
}
