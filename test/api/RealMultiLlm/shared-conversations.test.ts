import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer } from "../../support/ScriptedProvider/Script"

const path = "/api/shared-conversations"
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const later = () => new Date(Date.now() + 3_600_000).toISOString()

/** Creates a conversation with a prompt and an answer. */
const newConversation = (user: TestUser, prompt = "Explain **qubits**") =>
  Effect.gen(function* () {
    const app = yield* App
    const provider = yield* Provider
    yield* provider.setResponder(() => answer("A qubit is…"))
    const conversationId = yield* app.newChat(user, "Quantum computing")
    yield* app.sendPrompt(user, conversationId, prompt)
    return conversationId
  })

const share = ({ token }: TestUser, body: Record<string, unknown>) =>
  Effect.flatMap(App, (app) => app.request("POST", path, { token, body }))

/** Lets a share expire, as if its time had passed. */
const expire = (id: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      sql`update shared_conversations set expires_at = now() where share_hash = sha256(${id}::text::bytea)`,
  )

layer(Server.layer())("Shared conversations", (it) => {
  it.live("creates, lists, reads and revokes shares as the contract documents", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const { token } = user
      const conversationId = yield* newConversation(user)
      const expiresAt = later()
      const created = yield* share(user, { conversationId, expiresAt })
      const id = created.at("id")
      expect(id).toMatch(/^[\w-]{22}$/)
      const expected = {
        id,
        shareUrl: `${app.url}/shared/${id}`,
        expiresAt,
        conversationId,
        title: "Quantum computing",
        createdAt: time,
      }
      expect([created.status, created.json]).toEqual([201, expected])

      const again = yield* app.request("POST", `${path}/${id}/share`, { token })
      expect([again.status, again.json]).toEqual([
        201,
        { ...expected, id: again.at("id"), shareUrl: `${app.url}/shared/${again.at("id")}`, expiresAt: null },
      ])
      const body = { expiresAt }
      const third = yield* app.request("POST", `${path}/${conversationId}/share`, { token, body })
      expect([third.status, third.json]).toMatchObject([201, { conversationId, expiresAt }])

      const listed = yield* app.request("GET", path, { token })
      expect([listed.status, listed.json]).toEqual([200, [third.json, again.json, created.json]])

      const read = yield* app.request("GET", `${path}/${id}`)
      expect([read.status, read.json]).toEqual([
        200,
        {
          id,
          title: "Quantum computing",
          messages: [
            { role: "user", content: "Explain **qubits**", createdAt: time },
            { role: "assistant", content: "A qubit is…", createdAt: time },
          ],
          sharedAt: created.at("createdAt"),
          expiresAt,
        },
      ])

      const revoked = yield* app.request("DELETE", `${path}/${id}`, { token })
      expect([revoked.status, revoked.text]).toEqual([204, ""])
      for (const [method, target] of [
        ["GET", `${path}/${id}`],
        ["DELETE", `${path}/${id}`],
        ["POST", `${path}/${id}/share`],
      ] as const) {
        const gone = yield* app.request(method, target, { token })
        expect([gone.status, gone.at("code")]).toEqual([410, "SHARE_EXPIRED"])
      }
      expect((yield* app.request("GET", path, { token })).json).toEqual([third.json, again.json])
    }),
  )

  it.live("shows the conversation as it was when it was shared", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const conversationId = yield* newConversation(user)
      const first = (yield* share(user, { conversationId })).at("id")
      const read = (id: string) =>
        Effect.map(app.request("GET", `${path}/${id}`), ({ json }) => Object(json).messages.length)
      yield* app.sendPrompt(user, conversationId, "More")
      const prompt = (yield* app.request("GET", `/api/chats/${conversationId}/messages`, user)).at(
        "data.items.0.id",
      )
      yield* app.request("DELETE", `/api/chat/messages/${prompt}`, user)
      const second = (yield* app.request("POST", `${path}/${first}/share`, user)).at("id")
      expect([yield* read(first), yield* read(second)]).toEqual([2, 3])
    }),
  )

  it.live("leaves nothing readable of a deleted conversation or account", () =>
    Effect.gen(function* () {
      const app = yield* App
      const sql = yield* SqlClient.SqlClient
      const user = yield* app.newUser()
      const [one, two] = yield* Effect.all([
        newConversation(user, "Secret one"),
        newConversation(user, "Secret two"),
      ])
      const [first, second] = yield* Effect.all([
        share(user, { conversationId: one }),
        share(user, { conversationId: two }),
      ])
      yield* app.request("DELETE", `/api/conversations/${one}`, user)
      expect((yield* app.request("GET", `${path}/${first.at("id")}`)).status).toBe(410)
      expect((yield* app.request("GET", path, user)).json).toEqual([second.json])
      yield* sql`delete from users where id = ${user.id}`
      expect((yield* app.request("GET", `${path}/${second.at("id")}`)).status).toBe(410)
      expect(yield* sql`select from shared_conversations where messages::text like '%Secret%'`).toEqual([])
    }),
  )

  it.live("rejects what is unknown, foreign, expired, or would expire in the past", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [user, other] = yield* Effect.all([app.newUser(), app.newUser()])
      const conversationId = yield* newConversation(user)
      const id = (yield* share(user, { conversationId })).at("id")
      const unknown = "hVw3nTqkQ0m7b2XJc9dYtA"
      const rejections = [
        [share(user, { conversationId, expiresAt: "2020-01-01" }), 400, "INVALID_EXPIRY"],
        [share(user, { conversationId, expiresAt: "tomorrow" }), 400, "VALIDATION_ERROR"],
        [share(user, {}), 400, "VALIDATION_ERROR"],
        [share(user, { conversationId: unknown }), 404, "CONVERSATION_NOT_FOUND"],
        [share(other, { conversationId }), 404, "CONVERSATION_NOT_FOUND"],
        [app.request("POST", `${path}/${conversationId}/share`, other), 404, "CONVERSATION_NOT_FOUND"],
        [app.request("POST", `${path}/${id}/share`, other), 404, "SHARE_NOT_FOUND"],
        [app.request("POST", `${path}/${unknown}/share`, user), 404, "SHARE_NOT_FOUND"],
        [app.request("DELETE", `${path}/${id}`, other), 404, "SHARE_NOT_FOUND"],
        [app.request("DELETE", `${path}/${unknown}`, user), 404, "SHARE_NOT_FOUND"],
        [app.request("GET", `${path}/${unknown}`), 404, "SHARE_NOT_FOUND"],
        [app.request("GET", `${path}/${conversationId}`), 404, "SHARE_NOT_FOUND"],
        [app.request("GET", `${path}/%00`), 404, "SHARE_NOT_FOUND"],
        [app.request("POST", path, { body: { conversationId } }), 401, "UNAUTHORIZED"],
      ] as const
      for (const [request, status, code] of rejections) {
        const response = yield* request
        expect([response.status, response.at("code")]).toEqual([status, code])
      }
      yield* expire(id)
      const expired = yield* app.request("GET", `${path}/${id}`)
      expect([expired.status, expired.at("code")]).toEqual([410, "SHARE_EXPIRED"])
      expect((yield* app.request("GET", path, user)).json).toMatchObject([{ id }])
      expect((yield* app.request("POST", `${path}/${id}/share`, user)).status).toBe(201)
      expect((yield* app.request("DELETE", `${path}/${id}`, user)).status).toBe(204)
    }),
  )

  it.live("lets one of several concurrent revocations succeed", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const conversationId = yield* app.newChat(user)
      const shares = yield* Effect.all(
        Array.from({ length: 8 }, () => share(user, { conversationId })),
        { concurrency: "unbounded" },
      )
      expect(new Set(shares.map((created) => created.at("id"))).size).toBe(8)
      const id = shares[0]?.at("id")
      const revoked = yield* Effect.all(
        Array.from({ length: 8 }, () => app.request("DELETE", `${path}/${id}`, user)),
        { concurrency: "unbounded" },
      )
      expect(revoked.map(({ status }) => status).toSorted()).toEqual([204, ...Array<number>(7).fill(410)])
    }),
  )

  it.live("shows a share as a page without scripts, and says so when there is none", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const conversationId = yield* newConversation(user, "Explain **qubits** <script>alert(1)</script>")
      yield* app.request("PUT", `/api/conversations/${conversationId}`, {
        token: user.token,
        body: { title: "</title><script>alert(1)</script>" },
      })
      const id = (yield* share(user, { conversationId, expiresAt: later() })).at("id")
      const page = yield* app.request("GET", `/shared/${id}`)
      expect(page.status).toBe(200)
      expect(page.headers.toJSON()).toMatchObject({
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": expect.stringMatching(
          /^default-src 'none'; .*style-src 'sha256-[\w+/]{43}='/,
        ),
        "referrer-policy": "same-origin",
        "x-robots-tag": "noindex",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
      })
      const style = /<style>([\s\S]*)<\/style>/.exec(page.text)?.[1] ?? ""
      const hash = new Bun.CryptoHasher("sha256").update(style).digest("base64")
      expect(page.headers.get("content-security-policy")).toContain(`'sha256-${hash}'`)
      expect(page.text).toContain("<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;</title>")
      expect(page.text).toContain("<strong>qubits</strong> &lt;script&gt;")
      expect(page.text).toContain("A qubit is…")
      for (const secret of ["<script", user.email, user.id, conversationId])
        expect(page.text).not.toContain(secret)

      const unknown = yield* app.request("GET", "/shared/hVw3nTqkQ0m7b2XJc9dYtA")
      yield* app.request("DELETE", `${path}/${id}`, user)
      const gone = yield* app.request("GET", `/shared/${id}`)
      for (const [response, status, title] of [
        [unknown, 404, "Not found"],
        [gone, 410, "No longer shared"],
      ] as const) {
        expect([response.status, response.headers.get("content-type")]).toEqual([
          status,
          "text/html; charset=utf-8",
        ])
        expect(response.text).toContain(`<h1>${title}</h1>`)
        expect(response.headers.get("content-security-policy")).toStartWith("default-src 'none'")
      }
      expect((yield* app.request("HEAD", `/shared/${id}`)).status).toBe(410)
    }),
  )
})

/** Returns the origin of the URL of a new share, requested with these headers. */
const originFor = (headers: Record<string, string>) =>
  Effect.gen(function* () {
    const app = yield* App
    const user = yield* app.newUser()
    const body = { conversationId: yield* app.newChat(user) }
    const created = yield* app.request("POST", path, { token: user.token, body, headers })
    return created.at("shareUrl").replace(/\/shared\/[\w-]{22}$/, "")
  })

const proxied = { host: "chat.example.com", "x-forwarded-proto": "https" }

layer(Server.layer({ TRUSTED_PROXIES: "1" }))("Shared conversations behind a proxy", (it) => {
  it.live("have URLs with the host of the request and the scheme that the proxy reports", () =>
    Effect.gen(function* () {
      expect(yield* originFor(proxied)).toBe("https://chat.example.com")
      expect(yield* originFor({ ...proxied, "x-forwarded-proto": "https, http" })).toBe(
        "http://chat.example.com",
      )
    }),
  )
})

layer(Server.layer({ PUBLIC_URL: "https://parley.example.com" }))(
  "Shared conversations with PUBLIC_URL",
  (it) => {
    it.live("have URLs below it, whatever the request says", () =>
      Effect.gen(function* () {
        expect(yield* originFor({ host: "evil.example" })).toBe("https://parley.example.com")
      }),
    )
  },
)
