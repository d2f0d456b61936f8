import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"

interface Result {
  readonly type: string
  readonly id: string
  readonly title: string
  readonly snippet: string
  readonly chatId: string | null
}

layer(Server.layer())("Search", (it) => {
  const search = ({ token }: TestUser, query: string) =>
    Effect.gen(function* () {
      const app = yield* App
      const { status, json } = yield* app.request("GET", `/api/search?${query}`, { token })
      expect([query, status]).toEqual([query, 200])
      return Object(json) as {
        readonly results: ReadonlyArray<Result>
        readonly total: number
        readonly hasMore: boolean
      }
    })

  const post = ({ token }: TestUser, path: string, body: unknown) =>
    Effect.flatMap(App, (app) => app.request("POST", path, { token, body }))

  const types = (results: ReadonlyArray<Result>) => results.map(({ type }) => type).toSorted()

  it.live("finds chats, messages, projects and documents of the user, titles first, with snippets", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const other = yield* app.newUser()
      const chat = yield* app.newChat(user, "About Zebras")
      yield* app.sendPrompt(user, chat, "Do zebras sleep standing?")
      yield* post(user, "/api/projects", { name: "Zoo", description: "Feeding zebras and lions" })
      yield* post(user, "/api/library/documents", {
        title: "ZEBRAS",
        content: `${"word ".repeat(100)}zebras again`,
      })
      const { results, total, hasMore } = yield* search(user, "q=zebras")
      expect(types(results)).toEqual(["chat", "document", "message", "message", "project"])
      expect([results[0]?.type, results[1]?.type, total, hasMore]).toEqual(["document", "chat", 5, false])
      for (const { snippet } of results) expect(snippet.toLowerCase()).toContain("zebras")
      const message = results.find(({ type }) => type === "message")
      expect(message).toMatchObject({ chatId: chat, title: "About Zebras" })

      expect(types((yield* search(user, "q=zebras&type=project")).results)).toEqual(["project"])
      const page = yield* search(user, "q=zebras&limit=2&offset=1")
      expect([page.results, page.hasMore]).toEqual([results.slice(1, 3), true])
      expect((yield* search(other, "q=zebras")).total).toBe(0)
      expect((yield* search(user, "q=nothing-like-it")).total).toBe(0)
    }),
  )

  it.live("takes wildcards literally, and finds any script and composition", () =>
    Effect.gen(function* () {
      const user = yield* (yield* App).newUser()
      for (const [title, content] of [
        ["100% sure", "a_b"],
        ["量子计算", "量子比特"],
        ["Cafe\u0301", "ЁЖИК"],
      ])
        yield* post(user, "/api/library/documents", { title, content })
      for (const [term, expected] of [
        ["%", "100% sure"],
        ["a_b", "100% sure"],
        ["0%25 s", "100% sure"],
        ["量", "量子计算"],
        ["量子比", "量子计算"],
        ["café", "Cafe\u0301"],
        ["ёжик", "Cafe\u0301"],
      ] as const) {
        const query = term.includes("%25") ? decodeURIComponent(term) : term
        const { results } = yield* search(user, `q=${encodeURIComponent(query)}&type=document`)
        expect([term, results.map(({ title }) => title)]).toEqual([term, [expected]])
      }
      expect((yield* search(user, "q=___")).total).toBe(0)
    }),
  )

  it.live("finds the projects that others share, until the user is removed", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, member] = [yield* app.newUser(), yield* app.newUser()]
      const project = (yield* post(owner, "/api/projects", { name: "Okapi" })).at("project.id")
      expect((yield* search(member, "q=okapi")).total).toBe(0)
      yield* post(owner, `/api/projects/${project}/members`, { userId: member.id, role: "viewer" })
      expect((yield* search(member, "q=okapi")).results).toMatchObject([{ type: "project", id: project }])
      const url = `/api/projects/${project}/members/${member.id}`
      yield* app.request("DELETE", url, { token: owner.token })
      expect((yield* search(member, "q=okapi")).total).toBe(0)
    }),
  )

  it.live("rejects a missing or too long term, and unknown types", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      for (const [query, field] of [
        ["", "q"],
        ["q=", "q"],
        [`q=${"x".repeat(201)}`, "q"],
        ["q=x&type=image", "type"],
        ["q=x&limit=101", "limit"],
      ]) {
        const { status, json } = yield* app.request("GET", `/api/search?${query}`, { token })
        expect([query, status, json]).toMatchObject([query, 400, { fields: [{ field }] }])
      }
    }),
  )
})
