import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { atOnce, configOf, create, names, publish, template } from "./configFixtures"

const path = "/api/gallery"
const unknown = "01890000-0000-7000-8000-000000000000"

/** Everything that leads to a config. */
const ways = [
  ["GET", ""],
  ["POST", "/save"],
  ["POST", "/unsave"],
  ["POST", "/use"],
] as const

layer(Server.layer())("The gallery", (it) => {
  it.live("shows configs, which are saved, used and unsaved, as the document shows", () =>
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
      const kept = { ...config, is_saved: true, stats: { uses_count: 0, saves_count: 1 } }
      const collection = yield* app.request("GET", `${path}/saved`, { token })
      expect([collection.status, collection.json]).toEqual([200, { ...none, configs: [kept], total: 1 }])
      expect((yield* list).json).toEqual({ configs: [kept], ...page })
      const seen = yield* app.request("GET", `${path}/${id}`, { token: owner.token })
      expect(seen.json).toEqual({ config: { ...kept, is_saved: false } })

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
    "counts each user's save once, and every use",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const owner = yield* app.newUser()
        const id = yield* publish(owner)
        const people = yield* Effect.all(
          Array.from({ length: 20 }, () => app.newUser()),
          { concurrency: 4 },
        )
        const stats = Effect.map(
          app.request("GET", `${path}/${id}`, { token: owner.token }),
          ({ json }) => Object(json).config.stats,
        )
        const all = (what: string) =>
          Effect.forEach(people, ({ token }) => app.request("POST", `${path}/${id}/${what}`, { token }), {
            concurrency: "unbounded",
          })
        const oks = people.map(() => 200)
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

        const [user] = people
        if (user === undefined) throw new Error("There is nobody")
        const uses = yield* atOnce(10, app.request("POST", `${path}/${id}/use`, { token: user.token }))
        expect(new Set(uses.map((used) => used.at("config.id"))).size).toBe(10)
        expect(yield* stats).toEqual({ uses_count: 10, saves_count: 1 })
        expect((yield* names(user, "/api/configs")).total).toBe(10)
      }),
    { timeout: 30_000 },
  )

  it.live("leads to no private config, not even to one that was saved when it was public", () =>
    Effect.gen(function* () {
      const app = yield* App
      const owner = yield* app.newUser()
      const other = yield* app.newUser()
      const { token } = other
      const secret = { name: "Secret", tags: ["secret"], system_prompt: "Keep this secret." }
      const never = yield* create(owner, secret)
      const once = yield* publish(owner, secret)
      yield* app.request("POST", `${path}/${once}/save`, { token })
      yield* app.request("POST", `/api/configs/${once}/unpublish`, { token: owner.token })
      for (const id of [never, unknown, "junk", "%00"]) {
        for (const [method, rest] of ways) {
          const refused = yield* app.request(method, `${path}/${id}${rest}`, { token })
          expect([id, method, rest, refused.status]).toEqual([id, method, rest, 404])
          expect(refused.text).not.toContain("secret")
        }
      }
      for (const who of [other, owner]) {
        expect(yield* names(who, `${path}?tags=secret`)).toMatchObject({ names: [], total: 0 })
        expect((yield* app.request("GET", `${path}/${never}`, { token: who.token })).status).toBe(404)
      }
      expect((yield* app.request("GET", `/api/configs/${once}`, { token })).status).toBe(404)
      expect(yield* names(other, `${path}/saved`)).toMatchObject({ names: [], total: 0 })
      expect((yield* app.request("POST", `${path}/${once}/unsave`, { token })).status).toBe(200)
      expect((yield* app.request("POST", `${path}/${once}/unsave`, { token })).status).toBe(404)
      yield* app.request("POST", `/api/configs/${once}/publish`, { token: owner.token })
      expect((yield* app.request("GET", `${path}/${once}`, { token })).json).toMatchObject({
        config: { stats: { saves_count: 0 }, is_saved: false },
      })
    }),
  )

  it.live("keeps the count right when who saved, or what was saved, is gone", () =>
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

  it.live("has templates for everyone, apart from what users show", () =>
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
