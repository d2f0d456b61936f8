import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"

const path = "/api/agents"
type Agent = Readonly<Record<"id" | "name" | "category" | "avatar" | "description", string>> & {
  readonly usesCount: number
}
const agentsOf = (json: unknown): ReadonlyArray<Agent> => Object(json).agents

const config = {
  name: "Pirate",
  model_id: "openai/gpt-4o",
  system_prompt: "Answer like a pirate, secret-of-the-prompt.",
}

layer(Server.layer())("Agents", (it) => {
  it.live("lists at least eight built-in agents in four categories, without their instructions", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      const { status, json } = yield* app.request("GET", `${path}?limit=100`, { token })
      const agents = agentsOf(json).filter(({ id }) => id.startsWith("00000000-"))
      expect([status, agents.length >= 8]).toEqual([200, true])
      expect(new Set(agents.map(({ category }) => category)).size).toBe(4)
      expect(Object.keys(agents[0] ?? {}).toSorted()).toEqual([
        "avatar",
        "category",
        "description",
        "id",
        "name",
        "usesCount",
      ])
      const first = yield* app.request("GET", `${path}?limit=1&offset=1`, { token })
      expect(agentsOf(first.json)).toEqual(agentsOf(json).slice(1, 2))
      const one = yield* app.request("GET", `${path}/${agents[0]?.id}`, { token })
      expect([one.status, one.json]).toEqual([200, { agent: agents[0] }])
      const categories = yield* app.request("GET", `${path}/categories`, { token })
      expect(Object(categories.json).categories).toEqual(
        expect.arrayContaining(["writing", "development", "learning", "productivity"]),
      )
      const writing = yield* app.request("GET", `${path}?category=writing`, { token })
      expect(agentsOf(writing.json).map(({ category }) => category)).toEqual([
        "writing",
        "writing",
        "writing",
      ])
    }),
  )

  it.live("lists templates and published configs of other users, and no private ones", () =>
    Effect.gen(function* () {
      const app = yield* App
      const admin = yield* app.newAdmin()
      const owner = yield* app.newUser()
      const { token } = yield* app.newUser()
      const template = yield* app.request("POST", "/api/admin/templates", {
        token: admin.token,
        body: { ...config, tags: ["Sea"] },
      })
      const created = yield* app.request("POST", "/api/configs", { token: owner.token, body: config })
      const id = created.at("config.id")
      const get = app.request("GET", `${path}/${id}`, { token })
      const hidden = yield* get
      expect([hidden.status, hidden.at("code")]).toEqual([404, "AGENT_NOT_FOUND"])
      yield* app.request("POST", `/api/configs/${id}/publish`, { token: owner.token })
      const shown = yield* get
      expect([shown.status, shown.json]).toMatchObject([200, { agent: { id, category: "other" } }])
      expect(shown.text).not.toContain("secret-of-the-prompt")
      const sea = yield* app.request("GET", `${path}?category=sea`, { token })
      expect(agentsOf(sea.json)).toMatchObject([{ id: template.at("template.id") }])
    }),
  )

  it.live("lists the most used agents first", () =>
    Effect.gen(function* () {
      const app = yield* App
      const owner = yield* app.newUser()
      const created = yield* app.request("POST", "/api/configs", { token: owner.token, body: config })
      const id = created.at("config.id")
      yield* app.request("POST", `/api/configs/${id}/publish`, { token: owner.token })
      for (let i = 0; i < 3; i++) yield* app.request("POST", `/api/gallery/${id}/use`, { token: owner.token })
      const { json } = yield* app.request("GET", `${path}/popular?limit=1`, { token: owner.token })
      expect(json).toMatchObject({ agents: [{ id, usesCount: 3 }], limit: 1, offset: 0, hasMore: true })
    }),
  )
})
