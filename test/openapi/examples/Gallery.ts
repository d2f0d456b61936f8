import { Effect } from "effect"
import type { Recorder } from "../Recorder"
import { config } from "./Configs"
import { nowhere, type Told } from "./People"

const missing = "CONFIG_NOT_FOUND"

/** Templates, from their making to their end, and the gallery, where one config is shown already. */
export const tellGallery = Effect.fn(function* (
  { recordRequest: ask, recordWithAuth: secured }: Recorder,
  { user: token, admin }: Told,
  shown: string,
) {
  const of = (name: string) => `UniChat.${name}`
  const create = of("createTemplate")
  const body = { ...config, name: "Template Name", description: "Template description" }
  yield* ask(create, "ADMIN_REQUIRED", "Somebody else", { token, body })
  yield* ask(create, "VALIDATION_ERROR", "A name alone", { token: admin, body: { name: "Template Name" } })
  const made = yield* secured(create, "created", "For everyone", { token: admin, body })
  const template = { id: made.at("template.id") }
  yield* secured(of("listTemplates"), "listed", "All of them", { token: admin })
  yield* ask(of("listTemplates"), "ADMIN_REQUIRED", "Somebody else", { token })
  yield* ask(of("listTemplates"), "VALIDATION_ERROR", "Too many", { token: admin, query: { limit: "5000" } })

  const path = { id: shown }
  for (const [name, key, summary] of [
    ["saveConfig", "saved", "Kept in the collection"],
    ["useConfig", "copied", "A copy of one's own"],
    ["getGalleryConfig", "got", "One that was saved and used"],
  ] as const) {
    yield* secured(of(name), key, summary, { token, path })
    yield* ask(of(name), missing, "A private one, or none", { token, path: nowhere })
  }
  const browse = of("browseGallery")
  yield* secured(browse, "found", "By text and tags", {
    token,
    query: { search: "coding", tags: "updated,tags", sort: "saves_count" },
  })
  yield* ask(browse, "VALIDATION_ERROR", "An order that is none", { token, query: { sort: "name" } })
  yield* secured(of("galleryTemplates"), "templates", "The first page", { token })
  yield* ask(of("galleryTemplates"), "VALIDATION_ERROR", "A page that is none", {
    token,
    query: { page: "0" },
  })
  yield* secured(of("savedConfigs"), "saved", "The whole collection", { token })
  yield* ask(of("savedConfigs"), "VALIDATION_ERROR", "A page that is none", { token, query: { page: "0" } })
  yield* secured(of("unsaveConfig"), "removed", "Out of the collection", { token, path })
  yield* ask(of("unsaveConfig"), missing, "A private one, or none", { token, path: nowhere })

  const update = of("updateTemplate")
  const change = { name: "Updated Name", description: "Updated description" }
  const asked = { token: admin, path: template, body: change }
  yield* ask(update, "ADMIN_REQUIRED", "Somebody else", { ...asked, token })
  yield* ask(update, "VALIDATION_ERROR", "A name that is none", { ...asked, body: { name: "" } })
  yield* ask(update, missing, "There is none", { ...asked, path: nowhere })
  yield* secured(update, "updated", "What is given", asked)
  const remove = of("deleteTemplate")
  yield* ask(remove, "ADMIN_REQUIRED", "Somebody else", { token, path: template })
  yield* secured(remove, "deleted", "For good", { token: admin, path: template })
  yield* ask(remove, missing, "It is gone", { token: admin, path: template })
})
