import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { create, names, publish } from "./configFixtures"

const path = "/api/gallery"

layer(Server.layer())("Gallery search", (it) => {
  it.live("finds literal text in names and descriptions, case-insensitively in any script", () =>
    Effect.gen(function* () {
      const app = yield* App
      const owner = yield* app.newUser()
      const configs: ReadonlyArray<readonly [name: string, description: string]> = [
        ["Żółty 100% pewny", ""],
        ["żółty 1000", ""],
        ["snake_case", ""],
        ["snakeXcase", ""],
        ["C:\\temp", ""],
        ["Помощник", ""],
        ["日本語の先生", ""],
        ["Straße", ""],
        ["Ends with needle", "Begins with thread"],
        ["Other", "In ΑΘΗΝΑ they say"],
      ]
      yield* Effect.forEach(configs, ([name, description]) =>
        publish(owner, { name, description, tags: ["search"] }),
      )
      yield* create(owner, { name: "Żółty 100% hidden", tags: ["search"] })
      const search = (text: string) =>
        Effect.map(
          names(
            owner,
            `${path}?${new URLSearchParams({ search: text, tags: "search", sort: "created_at" })}`,
          ),
          ({ names }) => names,
        )
      expect(yield* search("ŻÓŁTY")).toEqual(["żółty 1000", "Żółty 100% pewny"])
      expect(yield* search("100%")).toEqual(["Żółty 100% pewny"])
      expect(yield* search("%")).toEqual(["Żółty 100% pewny"])
      expect(yield* search("E_C")).toEqual(["snake_case"])
      expect(yield* search(":\\T")).toEqual(["C:\\temp"])
      expect(yield* search("ПОМОЩ")).toEqual(["Помощник"])
      expect(yield* search("語の")).toEqual(["日本語の先生"])
      expect(yield* search("STRASSE")).toEqual(["Straße"])
      expect(yield* search("αθηνα")).toEqual(["Other"])
      expect(yield* search("needle begins")).toEqual([])
      expect(yield* search("thread")).toEqual(["Ends with needle"])
      expect((yield* search("")).length).toBe(configs.length)
      expect(yield* search("'; drop table assistants; --")).toEqual([])
      const nul = yield* app.request("GET", `${path}?search=%00`, { token: owner.token })
      expect(nul.status).toBe(400)
    }),
  )

  it.live("combines the filters for tags and model with order and page", () =>
    Effect.gen(function* () {
      const app = yield* App
      const owner = yield* app.newUser()
      const other = yield* app.newUser()
      const [a, b, c] = yield* Effect.all([
        publish(owner, { name: "a", tags: ["browse", "x"], model_id: "one/model" }),
        publish(owner, { name: "b", tags: ["browse", "y"], model_id: "one/model" }),
        publish(owner, { name: "c", tags: ["browse", "x", "y"], model_id: "two/model" }),
      ])
      const use = (id: string) => app.request("POST", `${path}/${id}/use`, { token: other.token })
      yield* Effect.all([use(b), use(b), use(c)])
      yield* app.request("POST", `${path}/${a}/save`, { token: other.token })
      const browse = (query: string) => names(other, `${path}?${query}`)
      const list = (query: string) => Effect.map(browse(query), ({ names }) => names)
      expect(yield* list("tags=browse")).toEqual(["b", "c", "a"])
      expect(yield* list("tags=browse&sort=uses_count")).toEqual(["b", "c", "a"])
      expect(yield* list("tags=browse&sort=saves_count")).toEqual(["a", "c", "b"])
      expect(yield* list("tags=browse&sort=created_at")).toEqual(["c", "b", "a"])
      expect(yield* list("tags=x,%20browse,")).toEqual(["c", "a"])
      expect(yield* list("tags=x,y")).toEqual(["c"])
      expect(yield* list("tags=BROWSE")).toEqual([])
      expect(yield* list("tags=browse&model=one/model")).toEqual(["b", "a"])
      expect(yield* list("tags=browse&model=one")).toEqual([])
      expect(yield* list("tags=browse&model=&search=")).toEqual(["b", "c", "a"])
      expect(yield* list("tags=x&model=one/model&search=A&sort=created_at")).toEqual(["a"])
      const page = { total: 3, page: 1, limit: 2, has_more: true }
      expect(yield* browse("tags=browse&limit=2")).toEqual({ names: ["b", "c"], ...page })
      expect(yield* browse("tags=browse&limit=2&page=2")).toEqual({
        names: ["a"],
        ...page,
        page: 2,
        has_more: false,
      })
      expect(yield* browse("tags=browse&limit=1&skip=1")).toMatchObject({ names: ["c"], has_more: true })
      const rejected = yield* app.request("GET", `${path}?sort=name`, { token: other.token })
      expect([rejected.status, rejected.at("fields.0.field")]).toEqual([400, "sort"])
    }),
  )
})
