import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const body = { title: "Style guide", content: "Write short sentences.", type: "note", tags: ["writing"] }

layer(Server.layer())("Library", (it) => {
  const call = ({ token }: TestUser, method: string, url: string, body?: Readonly<Record<string, unknown>>) =>
    Effect.flatMap(App, (app) => app.request(method, `/api/library/${url}`, { token, body }))

  const newDocument = (user: TestUser, title = "Style guide") =>
    Effect.map(call(user, "POST", "documents", { title, content: "x" }), (created) =>
      created.at("document.id"),
    )

  const newCollection = (user: TestUser, name = "Guides") =>
    Effect.map(call(user, "POST", "collections", { name }), (created) => created.at("collection.id"))

  it.live("creates, lists, gets, updates and deletes documents as the contract documents", () =>
    Effect.gen(function* () {
      const user = yield* (yield* App).newUser()
      const created = yield* call(user, "POST", "documents", body)
      const document = { ...body, id: created.at("document.id"), createdAt: time, updatedAt: time }
      expect([created.status, created.json]).toEqual([201, { document }])
      const { content: _, ...summary } = document
      const listed = yield* call(user, "GET", "documents")
      const range = { total: 1, limit: 20, offset: 0, hasMore: false }
      expect([listed.status, listed.json]).toEqual([200, { documents: [summary], ...range }])
      expect((yield* call(user, "GET", `documents/${document.id}`)).json).toEqual({ document })
      const updated = yield* call(user, "PUT", `documents/${document.id}`, { content: "", tags: [] })
      expect([updated.status, updated.json]).toEqual([
        200,
        { document: { ...document, content: "", tags: [] } },
      ])
      const deleted = yield* call(user, "DELETE", `documents/${document.id}`)
      expect([deleted.status, deleted.json]).toEqual([200, { success: true }])
      const gone = yield* call(user, "GET", `documents/${document.id}`)
      expect([gone.status, gone.at("code")]).toEqual([404, "DOCUMENT_NOT_FOUND"])
    }),
  )

  it.live("stores 1 MiB of text, and rejects more", () =>
    Effect.gen(function* () {
      const user = yield* (yield* App).newUser()
      const content = "é".repeat(524_288)
      const stored = yield* call(user, "POST", "documents", { title: "Long", content })
      expect(stored.status).toBe(201)
      const got = yield* call(user, "GET", `documents/${stored.at("document.id")}`)
      expect(got.at("document.content")).toBe(content)
      const rejected = yield* call(user, "POST", "documents", { title: "Long", content: `${content}x` })
      expect([rejected.status, rejected.at("fields.0.field")]).toEqual([400, "content"])
    }),
  )

  it.live("creates, lists, updates and deletes collections, whose documents stay", () =>
    Effect.gen(function* () {
      const user = yield* (yield* App).newUser()
      const created = yield* call(user, "POST", "collections", { name: "Guides", icon: "📚" })
      const collection = {
        id: created.at("collection.id"),
        name: "Guides",
        icon: "📚",
        documentCount: 0,
        createdAt: time,
        updatedAt: time,
      }
      expect([created.status, created.json]).toEqual([201, { collection }])
      const document = yield* newDocument(user)
      yield* newDocument(user, "Other")
      for (const _ of [1, 2]) {
        const added = yield* call(user, "POST", `collections/${collection.id}/documents`, {
          documentId: document,
        })
        expect([added.status, added.json]).toEqual([200, { success: true }])
      }
      const inside = yield* call(user, "GET", `collections/${collection.id}/documents`)
      expect([inside.status, inside.json]).toMatchObject([200, { documents: [{ id: document }], total: 1 }])
      expect((yield* call(user, "GET", "collections")).json).toMatchObject({
        collections: [{ ...collection, documentCount: 1 }],
        total: 1,
      })
      const updated = yield* call(user, "PUT", `collections/${collection.id}`, { icon: null })
      expect(updated.json).toMatchObject({ collection: { name: "Guides", icon: null, documentCount: 1 } })

      const url = `collections/${collection.id}/documents/${document}`
      expect((yield* call(user, "DELETE", url)).status).toBe(200)
      expect((yield* call(user, "DELETE", url)).at("code")).toBe("DOCUMENT_NOT_FOUND")
      yield* call(user, "POST", `collections/${collection.id}/documents`, { documentId: document })
      expect((yield* call(user, "DELETE", `collections/${collection.id}`)).json).toEqual({ success: true })
      expect((yield* call(user, "GET", `documents/${document}`)).status).toBe(200)
      const gone = yield* call(user, "GET", `collections/${collection.id}/documents`)
      expect([gone.status, gone.at("code")]).toEqual([404, "COLLECTION_NOT_FOUND"])
    }),
  )

  it.live("hides documents and collections from other users", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [user, other] = [yield* app.newUser(), yield* app.newUser()]
      const document = yield* newDocument(user)
      const collection = yield* newCollection(user)
      const own = yield* newCollection(other)
      for (const [method, url, sent] of [
        ["GET", `documents/${document}`, undefined],
        ["PUT", `documents/${document}`, { title: "Mine" }],
        ["DELETE", `documents/${document}`, undefined],
        ["PUT", `collections/${collection}`, { name: "Mine" }],
        ["DELETE", `collections/${collection}`, undefined],
        ["GET", `collections/${collection}/documents`, undefined],
        ["POST", `collections/${collection}/documents`, { documentId: document }],
        ["POST", `collections/${own}/documents`, { documentId: document }],
        ["DELETE", `collections/${collection}/documents/${document}`, undefined],
      ] as const) {
        const response = yield* call(other, method, url, sent)
        expect([method, url, response.status]).toEqual([method, url, 404])
      }
      expect((yield* call(other, "GET", "documents")).json).toMatchObject({ documents: [], total: 0 })
    }),
  )
})
