import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Fiber } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, Latch, waitFor } from "../../support/ScriptedProvider/Script"
import { chatsOf } from "./chatFixtures"

const unknown = "01890000-0000-7000-8000-000000000000"

/** Creates a project with these members, by role. */
const newProject = (members: Readonly<Record<string, TestUser>>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const id = crypto.randomUUID()
    yield* sql`insert into scopes (id, kind) values (${id}, 'project')`
    yield* sql`insert into projects (id, name, created_at, updated_at) values (${id}, 'Trips', now(), now())`
    for (const [role, user] of Object.entries(members))
      yield* sql`
        insert into memberships (id, scope_id, user_id, role, created_at)
        values (${crypto.randomUUID()}, ${id}, ${user.id}, ${role}, now())`
    return id
  })

const seedProject = Effect.gen(function* () {
  const app = yield* App
  const [owner, editor, viewer, other] = [
    yield* app.newUser(),
    yield* app.newUser(),
    yield* app.newUser(),
    yield* app.newUser(),
  ]
  const projectId = yield* newProject({ owner, editor, viewer })
  return {
    projectId,
    owner: yield* chatsOf(owner),
    editor: yield* chatsOf(editor),
    viewer: yield* chatsOf(viewer),
    other: yield* chatsOf(other),
  }
})

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Chats of projects", (it) => {
  it.live("requires permission to write in the project to create a chat there", () =>
    Effect.gen(function* () {
      const { projectId, owner, editor, viewer, other } = yield* seedProject
      for (const { call } of [owner, editor]) {
        const created = yield* call("POST", "/api/chat", { title: "Kyoto", projectId })
        expect([created.status, created.json]).toMatchObject([201, { chat: { title: "Kyoto", projectId } }])
      }
      const rejected = yield* viewer.call("POST", "/api/chat", { projectId })
      expect([rejected.status, rejected.at("code")]).toEqual([403, "FORBIDDEN"])
      for (const missing of [
        yield* other.call("POST", "/api/chat", { projectId }),
        yield* owner.call("POST", "/api/chat", { projectId: unknown }),
        yield* owner.call("POST", "/api/chat", { projectId: "none" }),
      ])
        expect([missing.status, missing.at("code")]).toEqual([404, "PROJECT_NOT_FOUND"])
    }),
  )

  it.live("lets all members read a chat of a project, in every contract, and nobody else", () =>
    Effect.gen(function* () {
      const { projectId, owner, editor, viewer, other } = yield* seedProject
      const chat = yield* editor.newChat({ projectId })
      const privateChat = yield* editor.newChat()
      yield* editor.send(chat, { content: "Hello", role: "assistant" })
      for (const path of [
        `/api/chat/${chat}`,
        `/api/chat/${chat}/messages`,
        `/api/export/chat/${chat}`,
        `/api/chats/${chat}`,
        `/api/chats/${chat}/messages`,
        `/api/chats/${chat}/messages?search=hell`,
        `/api/conversations/${chat}`,
      ]) {
        for (const { call } of [owner, editor, viewer]) {
          const read = yield* call("GET", path)
          expect([path, read.status]).toEqual([path, 200])
          if (path.includes("messages")) expect(read.text).toContain("Hello")
        }
        expect([path, (yield* other.call("GET", path)).status]).toEqual([path, 404])
        const hidden = yield* owner.call("GET", path.replace(chat, privateChat))
        expect([path, hidden.status]).toEqual([path, 404])
      }
      for (const path of ["/api/chat/recent", "/api/history"])
        expect((yield* owner.call("GET", path)).json).toMatchObject({ total: 0 })
    }),
  )

  it.live("lets members follow the answers in a chat of a project and download its attachments", () =>
    Effect.gen(function* () {
      const provider = yield* Provider
      const { projectId, owner, editor, viewer, other } = yield* seedProject
      const [chat, privateChat] = [
        yield* editor.newChat({ title: "Trip", projectId }),
        yield* editor.newChat(),
      ]
      const attachments = ["data:text/plain;base64,aGVsbG8="]
      const latch = new Latch()
      yield* provider.script(answer("In ", waitFor(latch), "Kyoto"))
      const sent = yield* editor.send(chat, { content: "Where to?", attachments })
      const generation = `/api/generations/${sent.at("generationId")}`
      const live = yield* Effect.fork(viewer.call("GET", `${generation}/events`))
      for (const { call } of [owner, viewer, other])
        expect((yield* call("POST", `${generation}/stop`)).status).toBe(404)
      latch.open()
      const { events } = yield* Fiber.join(live)
      expect(events.map(({ data }) => JSON.parse(data).text ?? "").join("")).toBe("In Kyoto")
      expect(events.at(-1)?.event).toBe("completed")

      yield* editor.send(privateChat, { content: "Hello", role: "assistant", attachments })
      const fileOf = (id: string) =>
        Effect.map(editor.call("GET", `/api/chat/${id}/messages`), ({ json }) => {
          const { messages } = Object(json)
          return `/api/files/${messages[0].attachments[0].id}`
        })
      const [file, privateFile] = [yield* fileOf(chat), yield* fileOf(privateChat)]
      const shared = [`${generation}/events`, file, `${file}/download`]
      for (const path of shared) {
        for (const { call } of [owner, viewer])
          expect([path, (yield* call("GET", path)).status]).toEqual([path, 200])
        expect([path, (yield* other.call("GET", path)).status]).toEqual([path, 404])
      }
      expect((yield* viewer.call("GET", `${file}/download`)).text).toBe("hello")
      expect((yield* viewer.call("GET", privateFile)).status).toBe(404)
      expect((yield* viewer.call("DELETE", file)).status).toBe(404)

      yield* owner.call("DELETE", `/api/projects/${projectId}/members/${viewer.user.id}`)
      for (const path of shared) expect([path, (yield* viewer.call("GET", path)).status]).toEqual([path, 404])
      expect((yield* editor.call("GET", `${file}/download`)).status).toBe(200)
    }),
  )

  it.live("leaves every write to the user whose chat it is, also for the project's owner", () =>
    Effect.gen(function* () {
      const { projectId, owner, editor } = yield* seedProject
      const chat = yield* editor.newChat({ projectId })
      yield* editor.send(chat, { content: "Hi" })
      const [prompt, answer] = yield* editor.messagesOf(chat, 2)
      const content = { content: "Mine" }
      for (const [method, path, body] of [
        ["PUT", `/api/chat/${chat}`, { title: "Mine" }],
        ["DELETE", `/api/chat/${chat}`],
        ["POST", `/api/chat/${chat}/messages`, content],
        ["POST", `/api/chat/${chat}/messages`, { ...content, role: "assistant" }],
        ["PUT", `/api/chat/${chat}/messages/${prompt?.["id"]}`, content],
        ["PUT", `/api/chat/${chat}/messages/${answer?.["id"]}`, content],
        ["DELETE", `/api/chat/${chat}/messages/${prompt?.["id"]}`],
        ["POST", `/api/chat/${chat}/title`],
        ["POST", `/api/chat/${chat}/agent`, { agentId: null }],
        ["POST", `/api/favorites/${chat}`],
        ["DELETE", `/api/favorites/${chat}`],
        ["DELETE", `/api/history/${chat}`],
        ["PUT", `/api/conversations/${chat}`, { title: "Mine" }],
        ["POST", `/api/conversations/${chat}/archive`],
        ["PUT", `/api/chat/messages/${prompt?.["id"]}`, content],
        ["POST", `/api/chat/regenerate/${answer?.["id"]}`],
      ] as const) {
        const rejected = yield* owner.call(method, path, body)
        expect([method, path, rejected.status]).toEqual([method, path, 404])
      }
      expect(yield* editor.messagesOf(chat, 2)).toEqual([prompt ?? {}, answer ?? {}])
    }),
  )

  it.live(
    "keeps a chat when its project is deleted, for its owner alone, and never reuses it as an empty one",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const app = yield* App
        const { projectId, editor, viewer } = yield* seedProject
        const chat = yield* editor.newChat({ projectId })
        expect(yield* app.newChat(editor.user)).not.toBe(chat)
        yield* sql`delete from scopes where id = ${projectId}`
        expect((yield* editor.call("GET", `/api/chat/${chat}`)).json).toMatchObject({
          chat: { projectId: null },
        })
        expect((yield* viewer.call("GET", `/api/chat/${chat}`)).status).toBe(404)
      }),
  )
})
