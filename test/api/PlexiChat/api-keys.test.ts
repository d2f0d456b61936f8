import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { io } from "socket.io-client"
import { operations, publicOperations } from "../../http/middleware/operations"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"
import { readStream } from "../../support/readStream"
import { Provider } from "../../support/ScriptedProvider"
import { answer, Latch, waitFor } from "../../support/ScriptedProvider/Script"
import { connect } from "../UniChat/socketClient"

const path = "/v1/auth/api-keys"
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

const create = (user: Pick<TestUser, "token">, body: object = {}) =>
  Effect.gen(function* () {
    const app = yield* App
    const created = yield* app.request("POST", path, { token: user.token, body: { name: "Bot", ...body } })
    return { id: created.at("data.id"), key: created.at("data.key"), created }
  })

const statuses = (responses: ReadonlyArray<{ readonly status: number }>) =>
  responses.map(({ status }) => status)

layer(Server.layer())("API keys", (it) => {
  it.live("are shown once, listed newest first without the key, and stored as a hash", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const first = yield* create(user, { name: "First", scopes: ["read"], expires_at: null })
      const second = yield* create(user, { name: "Second", expires_at: "2099-01-01T00:00:00Z" })
      expect([first.created.status, first.key]).toEqual([201, expect.stringMatching(/^pk_[\w-]{43}$/)])
      const fields = { created_at: time, last_used_at: null }
      const stored = [
        {
          ...fields,
          id: second.id,
          name: "Second",
          scopes: ["read", "write"],
          expires_at: "2099-01-01T00:00:00.000Z",
        },
        { ...fields, id: first.id, name: "First", scopes: ["read"], expires_at: null },
      ]
      const listed = yield* app.request("GET", path, { token: user.token })
      expect(listed.json).toMatchObject({ data: stored, pagination: { total: 2 } })
      const got = yield* app.request("GET", `${path}/${first.id}`, { token: user.token })
      expect(got.json).toMatchObject({ data: stored[1] })
      expect(listed.text + got.text).not.toContain(first.key.slice(3))

      const sql = yield* SqlClient.SqlClient
      const rows = yield* sql<{ row: string }>`select k::text as row from api_keys k`
      expect(rows.map(({ row }) => row).join()).not.toContain(first.key.slice(3))
    }),
  )

  it.live("reject names, scopes and times that make no sense", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      const invalid = [
        [{ name: " " }, "name"],
        [{ name: "Bot", scopes: [] }, "scopes"],
        [{ name: "Bot", scopes: ["all"] }, "scopes.0"],
        [{ name: "Bot", expires_at: "2001-01-01T00:00:00Z" }, "expires_at"],
        [{ name: "Bot", expires_at: "soon" }, "expires_at"],
      ] as const
      for (const [body, field] of invalid) {
        const response = yield* app.request("POST", path, { token, body })
        expect([response.status, response.at("error.details.field")]).toEqual([400, field])
      }
    }),
  )

  it.live("authenticate in every contract, as bearer token and as X-API-Key", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const { id, key } = yield* create(user)
      for (const url of ["/api/auth/me", "/api/chats", "/api/goals", "/api/projects", "/v1/organizations"]) {
        const responses = yield* Effect.all([
          app.request("GET", url, { token: key }),
          app.request("GET", url, { headers: { "x-api-key": key } }),
          app.request("GET", url, { headers: { "x-api-key": `${key}x` } }),
          app.request("GET", url, { headers: { "x-api-key": "" }, cookie: user.cookie }),
        ])
        expect([url, ...statuses(responses)]).toEqual([url, 200, 200, 401, 401])
      }
      const created = yield* app.request("POST", "/v1/organizations", { token: key, body: { name: "Ours" } })
      expect(created.status).toBe(201)
      const lastUsed = app.request("GET", `${path}/${id}`, { token: user.token })
      const used = yield* Effect.repeat(lastUsed, {
        until: ({ text }) => !text.includes('"last_used_at":null'),
      })
      expect(used.at("data.last_used_at")).toEqual(time)
    }),
  )

  it.live("permit what their scopes say, and nothing on the account itself", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const [reader, writer, full] = yield* Effect.all([
        create(user, { scopes: ["read"] }),
        create(user, { scopes: ["write"] }),
        create(user),
      ])
      let sessionOnly = 0
      for (const { operation } of yield* operations) {
        const { name, method, path, isSessionOnly, isWrite } = operation
        if (publicOperations.has(name) && !isSessionOnly) continue
        const code = ({ key: token }: { readonly key: string }) =>
          Effect.map(app.request(method, path.replace(/:\w+/g, "any"), { token }), ({ status, text }) => [
            status,
            /"code":"(\w+)"/.exec(text)?.[1],
          ])
        if (isSessionOnly) {
          sessionOnly++
          expect([name, yield* code(full)]).toEqual([name, [403, "API_KEY_NOT_ALLOWED"]])
          continue
        }
        const denied = yield* code(isWrite ? reader : writer)
        expect([name, denied]).toEqual([name, [403, "INSUFFICIENT_SCOPE"]])
      }
      expect(sessionOnly).toBeGreaterThanOrEqual(9)
      const me = yield* app.request("GET", "/api/auth/me", { token: user.token })
      expect(me.status).toBe(200)
    }),
  )

  it.live("act as administrators only with the scope admin, which only administrators can give", () =>
    Effect.gen(function* () {
      const app = yield* App
      const admin = yield* app.newAdmin()
      const user = yield* app.newUser()
      const denied = yield* app.request("POST", path, {
        token: user.token,
        body: { name: "Bot", scopes: ["admin"] },
      })
      expect([denied.status, denied.at("error.code")]).toEqual([403, "ADMIN_REQUIRED"])
      const [full, ordinary] = yield* Effect.all([
        create(admin),
        create(admin, { scopes: ["read", "write"] }),
      ])
      const stats = (token: string) => app.request("GET", "/api/admin/users", { token })
      expect(statuses([yield* stats(full.key), yield* stats(ordinary.key)])).toEqual([200, 403])
    }),
  )

  it.live("stop working once they expire, or their user is banned", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [user, admin] = [yield* app.newUser(), yield* app.newAdmin()]
      const expires_at = new Date(Date.now() + 1_000).toISOString()
      const [short, long] = [yield* create(user, { expires_at }), yield* create(user)]
      const me = ({ key }: { readonly key: string }) => app.request("GET", "/api/auth/me", { token: key })
      expect(statuses([yield* me(short), yield* me(long)])).toEqual([200, 200])
      yield* Effect.sleep(Math.max(0, Date.parse(expires_at) - Date.now() + 10))
      expect(statuses([yield* me(short), yield* me(long)])).toEqual([401, 200])
      const ban = { token: admin.token, body: { reason: "Spam" } }
      yield* app.request("PUT", `/api/admin/users/${user.id}/ban`, ban)
      expect((yield* me(long)).status).toBe(401)
    }),
  )

  it.live("are revoked at once with their streams and sockets, and only once by two callers", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [user, other] = [yield* app.newUser(), yield* app.newUser()]
      const { id, key } = yield* create(user)
      const socket = yield* connect(key)
      const latch = new Latch()
      yield* (yield* Provider).script(answer("Half", waitFor(latch)))
      const chat = yield* app.newChat(user)
      const stream = readStream(yield* app.requestStream("GET", app.streamPath(chat, "hi"), { token: key }))
      yield* stream.until("Half")

      const revoke = ({ token }: TestUser) => app.request("DELETE", `${path}/${id}`, { token })
      const foreign = yield* revoke(other)
      expect([foreign.status, foreign.at("error.code")]).toEqual([404, "API_KEY_NOT_FOUND"])
      const revoked = yield* Effect.all([revoke(user), revoke(user)], { concurrency: 2 })
      expect(statuses(revoked).sort()).toEqual([204, 404])
      expect((yield* app.request("GET", "/api/auth/me", { token: key })).status).toBe(401)
      expect((yield* stream.end).complete).toBe(false)
      yield* Effect.repeat(Effect.sleep(5), { until: () => !socket.socket.connected })
      latch.open()
    }),
  )

  it.live("let sockets only do what their scopes permit", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const [reader, writer] = [
        yield* create(user, { scopes: ["read"] }),
        yield* create(user, { scopes: ["write"] }),
      ]
      const socket = yield* connect(reader.key)
      const sent = yield* socket.emitWithAck("send_message", { message: "hi" })
      expect(sent).toMatchObject({ ok: false, code: "INSUFFICIENT_SCOPE" })
      const error = yield* Effect.async<Error & { data?: unknown }>((resume) => {
        const rejected = io(app.url, { auth: { token: writer.key }, forceNew: true, reconnection: false })
        rejected.on("connect_error", (error) => resume(Effect.succeed(error)))
      })
      expect(error.data).toEqual({ code: "INSUFFICIENT_SCOPE" })
    }),
  )
})
