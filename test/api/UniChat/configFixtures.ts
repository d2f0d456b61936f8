import { expect } from "bun:test"
import { Effect } from "effect"
import { App, type TestUser } from "../../support/App"

/** Matches an ISO 8601 timestamp as response bodies contain it. */
export const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

/** The request example of the contract's document. */
export const input = {
  name: "My Assistant",
  model_id: "anthropic/claude-3-sonnet",
  model_name: "Claude 3 Sonnet",
  description: "Custom assistant for…",
  system_prompt: "You are a helpful assistant…",
  avatar: "🤖",
  parameters: {
    temperature: 0.7,
    max_tokens: 2048,
    top_p: 1,
    frequency_penalty: 0,
    presence_penalty: 0,
  },
  tags: ["general"],
}

/** Returns the expected body of a config created from `input`: private, never used or saved. */
export const configOf = (id: string, owner: TestUser) => ({
  ...input,
  id,
  owner_id: owner.id,
  visibility: "private",
  stats: { uses_count: 0, saves_count: 0 },
  created_at: time,
  updated_at: time,
})

/** Creates a config over HTTP and returns its id. */
export const create = ({ token }: TestUser, fields: Readonly<Record<string, unknown>> = {}) =>
  Effect.gen(function* () {
    const created = yield* (yield* App).request("POST", "/api/configs", {
      token,
      body: { ...input, ...fields },
    })
    expect(created.status).toBe(201)
    return created.at("config.id")
  })

/** Creates and publishes a config and returns its id. */
export const publish = (owner: TestUser, fields: Readonly<Record<string, unknown>> = {}) =>
  Effect.gen(function* () {
    const id = yield* create(owner, fields)
    const { token } = owner
    expect((yield* (yield* App).request("POST", `/api/configs/${id}/publish`, { token })).status).toBe(200)
    return id
  })

/** Creates a template as an administrator and returns its id. */
export const template = ({ token }: TestUser, fields: Readonly<Record<string, unknown>> = {}) =>
  Effect.gen(function* () {
    const body = { ...input, ...fields }
    return (yield* (yield* App).request("POST", "/api/admin/templates", { token, body })).at("template.id")
  })

/** Returns the names of the items listed under `key`, and the page fields of the list. */
export const names = ({ token }: TestUser, path: string, key: "configs" | "templates" = "configs") =>
  Effect.gen(function* () {
    const { status, json } = yield* (yield* App).request("GET", path, { token })
    expect([path, status]).toEqual([path, 200])
    const { [key]: items, ...page } = Object(json)
    return { names: items.map(({ name }: { name: string }) => name), ...page }
  })

/** Runs an effect `times` times concurrently. */
export const atOnce = <A, E, R>(times: number, effect: Effect.Effect<A, E, R>) =>
  Effect.all(
    Array.from({ length: times }, () => effect),
    { concurrency: "unbounded" },
  )
