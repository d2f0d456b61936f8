import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { atOnce, configOf, create, names, publish, template } from "./configFixtures"

const path = "/api/gallery"
const unknown = "01890000-0000-7000-8000-000000000000"

/** The operations on a gallery config. */
const operations = [
  ["GET", ""],
  ["POST", "/save"],
  ["POST", "/unsave"],
  ["POST", "/use"],
] as const

layer(Server.layer())("Gallery", (it) => {
  it.live("lists, saves, copies and unsaves public configs as the contract documents", () =>
    Effect.gen(function* () {
      const app = yield* App
      const owner = yield* app.newUser({ name: "Jane Doe" })
      const other = yield* app.newUser()
      const { token } = other
      const id = yield* publish(owner, { tags: ["as documented"] })
      const config = {
        ...configOf(id, owner),
        tags: ["as documented"],
        visibility: "public",
        owner_name: "Jane Doe",
        is_saved: false,
      }
      const list = app.request("GET", `${path}?tags=as documented`, { token })
      const page = { total: 1, page: 1, limit: 20, has_more: false }
      expect([(yield* list).status, (yield* list).json]).toEqual([200, { configs: [config], ...page }])
      expect((yield* app.request("GET", `${path}/${id}`, { token })).json).toEqual({ config })
      const none = { configs: [], ...page, total: 0, limit: 1000 }
      expect((yield* app.request("GET", `${path}/saved`, { token })).json).toEqual(none)

      const saved = yield* app.request("POST", `${path}/${id}/save`, { token })
      expect([saved.status, saved.json]).toEqual([200, { message: "Config saved to your collection" }])
      const savedConfig = { ...config, is_saved: true, stats: { uses_count: 0, saves_count: 1 } }
      const collection = yield* app.request("GET", `${path}/saved`, { token })
      expect([collection.status, collection.json]).toEqual([
        200,
        { ...none, configs: [savedConfig], total: 1 },
      ])
      expect((yield* list).json).toEqual({ configs: [savedConfig], ...page })
      const seen = yield* app.request("GET", `${path}/${id}`, { token: owner.token })
      expect(seen.json).toEqual({ config: { ...savedConfig, is_saved: false } })

      const used = yield* app.request("POST", `${path}/${id}/use`, { token })
      expect([used.status, used.json]).toEqual([
        200,
        {
          config: { ...configOf(used.at("config.id"), other), tags: ["as documented"] },
          message: "Config copied to your collection",
        },
      ])
      expect(used.at("config.id")).not.toBe(id)
      expect(yield* names(other, "/api/configs")).toMatchObject({ total: 1 })

      const unsaved = yield* app.request("POST", `${path}/${id}/unsave`, { token })
      expect([unsaved.status, unsaved.json]).toEqual([
        200,
        { message: "Config removed from your collection" },
      ])
      expect((yield* app.request("GET", `${path}/saved`, { token })).json).toEqual(none)
      expect((yield* app.request("GET", `${path}/${id}`, { token })).json).toEqual({
        config: { ...config, stats: { uses_count: 1, saves_count: 0 } },
      })
    }),
  )

  it.live(
    "counts a save once per user, and every use",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const owner = yield* app.newUser()
        const id = yield* publish(owner)
        const users = yield* Effect.all(
          Array.from({ length: 20 }, () => app.newUser()),
          { concurrency: 4 },
        )
        const stats = Effect.map(
          app.request("GET", `${path}/${id}`, { token: owner.token }),
          ({ json }) => Object(json).config.stats,
        )
        const all = (operation: string) =>
          Effect.forEach(users, ({ token }) => app.request("POST", `${path}/${id}/${operation}`, { token }), {
            concurrency: "unbounded",
          })
        const oks = users.map(() => 200)
        expect((yield* all("save")).map(({ status }) => status)).toEqual(oks)
        expect(yield* stats).toEqual({ uses_count: 0, saves_count: 20 })
        const save = app.request("POST", `${path}/${id}/save`, { token: owner.token })
        expect((yield* atOnce(20, save)).map(({ status }) => status)).toEqual(oks)
        expect(yield* stats).toEqual({ uses_count: 0, saves_count: 21 })
        expect((yield* names(owner, `${path}/saved`)).total).toBe(1)

        const mixed = yield* Effect.all([all("unsave"), all("unsave"), atOnce(10, save)], {
          concurrency: "unbounded",
        })
        expect(new Set(mixed.flat().map(({ status }) => status))).toEqual(new Set([200]))
        expect(yield* stats).toEqual({ uses_count: 0, saves_count: 1 })

        const [user] = users
        if (user === undefined) throw new Error("No user was created")
        const uses = yield* atOnce(10, app.request("POST", `${path}/${id}/use`, { token: user.token }))
        expect(new Set(uses.map((used) => used.at("config.id"))).size).toBe(10)
        expect(yield* stats).toEqual({ uses_count: 10, saves_count: 1 })
        expect((yield* names(user, "/api/configs")).total).toBe(10)
      }),
    { timeout: 30_000 },
  )

  it.live("hides private configs, including those saved while they were public", () =>
    Effect.gen(function* () {
      const app = yield* App
      const owner = yield* app.newUser()
      const other = yield* app.newUser()
      const { token } = other
      const secret = { name: "Secret", tags: ["secret"], system_prompt: "Keep this secret." }
      const privateConfig = yield* create(owner, secret)
      const unpublished = yield* publish(owner, secret)
      yield* app.request("POST", `${path}/${unpublished}/save`, { token })
      yield* app.request("POST", `/api/configs/${unpublished}/unpublish`, { token: owner.token })
      for (const id of [privateConfig, unknown, "junk", "%00"]) {
        for (const [method, rest] of operations) {
          const rejected = yield* app.request(method, `${path}/${id}${rest}`, { token })
          expect([id, method, rest, rejected.status]).toEqual([id, method, rest, 404])
          expect(rejected.text).not.toContain("secret")
        }
      }
      for (const caller of [other, owner]) {
        expect(yield* names(caller, `${path}?tags=secret`)).toMatchObject({ names: [], total: 0 })
        expect((yield* app.request("GET", `${path}/${privateConfig}`, { token: caller.token })).status).toBe(
          404,
        )
      }
      expect((yield* app.request("GET", `/api/configs/${unpublished}`, { token })).status).toBe(404)
      expect(yield* names(other, `${path}/saved`)).toMatchObject({ names: [], total: 0 })
      expect((yield* app.request("POST", `${path}/${unpublished}/unsave`, { token })).status).toBe(200)
      expect((yield* app.request("POST", `${path}/${unpublished}/unsave`, { token })).status).toBe(404)
      yield* app.request("POST", `/api/configs/${unpublished}/publish`, { token: owner.token })
      expect((yield* app.request("GET", `${path}/${unpublished}`, { token })).json).toMatchObject({
        config: { stats: { saves_count: 0 }, is_saved: false },
      })
    }),
  )

  it.live("corrects the save count when the user or the config is deleted", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, other] = yield* Effect.all([app.newUser(), app.newUser()])
      const sql = yield* SqlClient.SqlClient
      const [first, second] = yield* Effect.all([publish(owner), publish(owner)])
      for (const id of [first, second])
        yield* app.request("POST", `${path}/${id}/save`, { token: other.token })
      expect(yield* names(other, `${path}/saved`)).toMatchObject({ total: 2 })
      expect(yield* names(other, `${path}/saved?limit=1`)).toMatchObject({ total: 2, has_more: true })
      yield* app.request("DELETE", `/api/configs/${first}`, { token: owner.token })
      expect(yield* names(other, `${path}/saved`)).toMatchObject({ total: 1 })
      yield* sql`delete from users where id = ${other.id}`
      const left = yield* app.request("GET", `${path}/${second}`, { token: owner.token })
      expect(Object(left.json).config.stats).toEqual({ uses_count: 0, saves_count: 0 })
    }),
  )

  it.live("lists templates to all users, separately from public configs", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [admin, user] = yield* Effect.all([app.newAdmin(), app.newUser()])
      const { token } = user
      const ids = yield* Effect.forEach(["t1", "t2", "t3"], (name) =>
        template(admin, { name, tags: ["made"] }),
      )
      const [id = ""] = ids
      const all = { total: 3, page: 1, limit: 50, has_more: false }
      expect(yield* names(user, `${path}/templates`, "templates")).toEqual({
        names: ["t3", "t2", "t1"],
        ...all,
      })
      expect(yield* names(user, `${path}/templates?limit=2&page=1`, "templates")).toEqual({
        names: ["t3", "t2"],
        ...all,
        limit: 2,
        has_more: true,
      })
      expect((yield* names(user, `${path}?tags=made`)).total).toBe(0)
      const seen = yield* app.request("GET", `${path}/${id}`, { token })
      expect([seen.status, seen.at("config.visibility")]).toEqual([200, "template"])
      expect((yield* app.request("POST", `${path}/${id}/save`, { token })).status).toBe(200)
      expect((yield* names(user, `${path}/saved`)).names).toEqual(["t1"])
      const used = yield* app.request("POST", `${path}/${id}/use`, { token })
      expect(used.json).toMatchObject({
        config: { name: "t1", visibility: "private", owner_id: user.id, stats: { uses_count: 0 } },
      })
      expect((yield* app.request("GET", `${path}/${id}`, { token })).json).toMatchObject({
        config: { stats: { uses_count: 1, saves_count: 1 }, is_saved: true },
      })
    }),
  )
})
