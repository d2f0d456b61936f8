import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"

const path = "/api/projects"
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

layer(Server.layer())("Projects", (it) => {
  const call = ({ token }: TestUser, method: string, url: string, body?: Readonly<Record<string, unknown>>) =>
    Effect.flatMap(App, (app) => app.request(method, path + url, { token, body }))

  const newProject = (owner: TestUser, body: Readonly<Record<string, unknown>> = { name: "Website" }) =>
    Effect.map(call(owner, "POST", "", body), (created) => created.at("project.id"))

  const addMember = (owner: TestUser, id: string, user: TestUser, role?: string) =>
    call(owner, "POST", `/${id}/members`, { userId: user.id, ...(role === undefined ? {} : { role }) })

  it.live("creates, lists, gets, updates and deletes projects as the contract documents", () =>
    Effect.gen(function* () {
      const owner = yield* (yield* App).newUser()
      const body = { name: "Website", description: "Relaunch", tags: ["design", "2026", "design"] }
      const created = yield* call(owner, "POST", "", body)
      const project = {
        ...body,
        tags: ["design", "2026"],
        id: created.at("project.id"),
        role: "owner",
        isStarred: false,
        createdAt: time,
        updatedAt: time,
      }
      expect([created.status, created.json]).toEqual([201, { project }])
      const plain = yield* call(owner, "POST", "", { name: "Plain" })
      expect(plain.json).toMatchObject({ project: { name: "Plain", description: null, tags: [] } })

      const listed = yield* call(owner, "GET", "?limit=1&offset=1")
      const range = { total: 2, limit: 1, offset: 1, hasMore: false }
      expect([listed.status, listed.json]).toEqual([200, { projects: [project], ...range }])
      const tagged = yield* call(owner, "GET", "?tag=design")
      expect(tagged.json).toMatchObject({ projects: [{ id: project.id }], total: 1 })
      expect((yield* call(owner, "GET", "/tags")).json).toEqual({ tags: ["2026", "design"] })
      expect((yield* call(owner, "GET", `/${project.id}`)).json).toEqual({ project })

      const updated = yield* call(owner, "PUT", `/${project.id}`, { description: null, tags: [] })
      expect([updated.status, updated.json]).toEqual([
        200,
        { project: { ...project, description: null, tags: [] } },
      ])
      const unchanged = yield* call(owner, "PUT", `/${project.id}`, {})
      expect(unchanged.json).toEqual({ project: { ...project, description: null, tags: [] } })

      const deleted = yield* call(owner, "DELETE", `/${project.id}`)
      expect([deleted.status, deleted.json]).toEqual([200, { success: true }])
      const gone = yield* call(owner, "GET", `/${project.id}`)
      expect([gone.status, gone.at("code")]).toEqual([404, "PROJECT_NOT_FOUND"])
    }),
  )

  it.live("stars a project for one user only, any number of times", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, member] = [yield* app.newUser(), yield* app.newUser()]
      const id = yield* newProject(owner)
      yield* addMember(owner, id, member)
      for (const _ of [1, 2]) {
        const starred = yield* call(owner, "POST", `/${id}/star`)
        expect([starred.status, starred.json]).toMatchObject([200, { project: { id, isStarred: true } }])
      }
      expect((yield* call(owner, "GET", "/starred")).json).toMatchObject({ projects: [{ id }], total: 1 })
      expect((yield* call(member, "GET", "/starred")).json).toMatchObject({ projects: [], total: 0 })
      for (const _ of [1, 2]) {
        const unstarred = yield* call(owner, "POST", `/${id}/unstar`)
        expect([unstarred.status, unstarred.json]).toMatchObject([200, { project: { isStarred: false } }])
      }
    }),
  )

  it.live("lets each role do what it permits, and hides the project from others", () =>
    Effect.gen(function* () {
      const app = yield* App
      const owner = yield* app.newUser()
      const id = yield* newProject(owner)
      const users = {
        owner,
        editor: yield* app.newUser(),
        viewer: yield* app.newUser(),
        other: yield* app.newUser(),
      }
      for (const role of ["editor", "viewer"] as const) {
        const added = yield* addMember(owner, id, users[role], role)
        expect([added.status, added.json]).toMatchObject([
          201,
          { member: { userId: users[role].id, role, email: users[role].email, joinedAt: time } },
        ])
      }
      const newcomer = yield* app.newUser()
      const allowed = {
        GET: { owner: 200, editor: 200, viewer: 200, other: 404 },
        PUT: { owner: 200, editor: 200, viewer: 403, other: 404 },
        members: { owner: 200, editor: 200, viewer: 200, other: 404 },
        add: { editor: 403, viewer: 403, other: 404, owner: 201 },
        star: { owner: 200, editor: 200, viewer: 200, other: 404 },
        DELETE: { editor: 403, viewer: 403, other: 404, owner: 200 },
      }
      const requests = {
        GET: (user: TestUser) => call(user, "GET", `/${id}`),
        PUT: (user: TestUser) => call(user, "PUT", `/${id}`, { name: "Renamed" }),
        members: (user: TestUser) => call(user, "GET", `/${id}/members`),
        add: (user: TestUser) => addMember(user, id, newcomer),
        star: (user: TestUser) => call(user, "POST", `/${id}/star`),
        DELETE: (user: TestUser) => call(user, "DELETE", `/${id}`),
      }
      for (const [action, expected] of Object.entries(allowed)) {
        for (const [role, status] of Object.entries(expected)) {
          const request = requests[action as keyof typeof requests]
          const response = yield* request(users[role as keyof typeof users])
          expect([action, role, response.status]).toEqual([action, role, status])
        }
      }
    }),
  )

  it.live("takes admin and member for editor, and rejects unknown users, roles and second additions", () =>
    Effect.gen(function* () {
      const app = yield* App
      const owner = yield* app.newUser()
      const id = yield* newProject(owner)
      for (const role of ["admin", "member", undefined]) {
        const added = yield* addMember(owner, id, yield* app.newUser(), role)
        expect(added.at("member.role")).toBe("editor")
      }
      const user = yield* app.newUser()
      const unknownRole = yield* addMember(owner, id, user, "guest")
      expect([unknownRole.status, unknownRole.at("fields.0.field")]).toEqual([400, "role"])
      const unknown = yield* call(owner, "POST", `/${id}/members`, { userId: crypto.randomUUID() })
      expect([unknown.status, unknown.at("code")]).toEqual([404, "USER_NOT_FOUND"])
      const both = yield* Effect.all([addMember(owner, id, user), addMember(owner, id, user)], {
        concurrency: 2,
      })
      expect(both.map(({ status }) => status).toSorted()).toEqual([201, 409])
    }),
  )

  it.live("lists the chats of all members in the project to members only, and keeps them when it goes", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, editor, other] = [yield* app.newUser(), yield* app.newUser(), yield* app.newUser()]
      const id = yield* newProject(owner)
      yield* addMember(owner, id, editor)
      const chats: Array<string> = []
      for (const { token } of [owner, editor]) {
        const body = { title: "Plan", projectId: id }
        chats.unshift((yield* app.request("POST", "/api/chat", { token, body })).at("chat.id"))
      }
      for (const user of [owner, editor]) {
        const listed = yield* call(user, "GET", `/${id}/chats`)
        const range = { total: 2, limit: 20, offset: 0, hasMore: false }
        expect([listed.status, listed.json]).toMatchObject([
          200,
          { chats: chats.map((chat) => ({ id: chat, projectId: id })), ...range },
        ])
      }
      expect((yield* call(other, "GET", `/${id}/chats`)).status).toBe(404)
      yield* call(owner, "DELETE", `/${id}`)
      const kept = yield* app.request("GET", `/api/chat/${chats[1]}`, { token: owner.token })
      expect([kept.status, kept.json]).toMatchObject([200, { chat: { projectId: null } }])
    }),
  )

  it.live("shares files with members while they are in the project", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, editor, viewer] = [yield* app.newUser(), yield* app.newUser(), yield* app.newUser()]
      const other = yield* app.newUser()
      const id = yield* newProject(owner)
      yield* addMember(owner, id, editor)
      yield* addMember(owner, id, viewer, "viewer")
      const raw = new FormData()
      raw.append("file", new Blob(["Milk and bread"]), "groceries.txt")
      const uploaded = yield* app.request("POST", "/api/files", { token: editor.token, raw })
      const file = uploaded.at("file.id")
      const download = ({ token }: TestUser) =>
        Effect.map(app.request("GET", `/api/files/${file}/download`, { token }), ({ status }) => status)
      expect(yield* download(viewer)).toBe(404)

      for (const [user, status] of [
        [viewer, 403],
        [other, 404],
        [owner, 404], // the file of somebody else
        [editor, 201],
        [editor, 201],
      ] as const) {
        const added = yield* call(user, "POST", `/${id}/files`, { fileId: file })
        expect(added.status).toBe(status)
        if (status === 201) expect(added.json).toEqual(uploaded.json)
      }
      const listed = yield* call(viewer, "GET", `/${id}/files`)
      const range = { total: 1, limit: 20, offset: 0, hasMore: false }
      expect([listed.status, listed.json]).toEqual([200, { files: [Object(uploaded.json).file], ...range }])
      expect([yield* download(viewer), yield* download(owner), yield* download(other)]).toEqual([
        200, 200, 404,
      ])
      const notTheirs = yield* app.request("DELETE", `/api/files/${file}`, { token: viewer.token })
      expect(notTheirs.status).toBe(404)

      const removed = yield* call(owner, "DELETE", `/${id}/files/${file}`)
      expect([removed.status, removed.json]).toEqual([200, { success: true }])
      const again = yield* call(owner, "DELETE", `/${id}/files/${file}`)
      expect([again.status, again.at("code")]).toEqual([404, "FILE_NOT_FOUND"])
      expect([yield* download(viewer), yield* download(editor)]).toEqual([404, 200])
    }),
  )

  it.live("keeps an owner when two owners leave at once, and lets members leave", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, second, viewer] = [yield* app.newUser(), yield* app.newUser(), yield* app.newUser()]
      const id = yield* newProject(owner)
      yield* addMember(owner, id, second, "owner")
      yield* addMember(owner, id, viewer, "viewer")
      const leave = (user: TestUser) => call(user, "DELETE", `/${id}/members/${user.id}`)
      expect((yield* leave(viewer)).status).toBe(200)
      expect((yield* call(viewer, "GET", `/${id}`)).status).toBe(404)
      const both = yield* Effect.all([leave(owner), leave(second)], { concurrency: 2 })
      expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409])
      const absent = yield* call(
        both[0]?.status === 200 ? second : owner,
        "DELETE",
        `/${id}/members/${viewer.id}`,
      )
      expect([absent.status, absent.at("code")]).toEqual([404, "MEMBER_NOT_FOUND"])
    }),
  )
})
