import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"

const setUp = Effect.gen(function* () {
  const app = yield* App
  const [owner, member, other] = [yield* app.newUser(), yield* app.newUser(), yield* app.newUser()]
  const { token } = owner
  const created = yield* app.request("POST", "/v1/channels", {
    token,
    body: { name: "general", is_private: true },
  })
  const channel = `/v1/channels/${created.at("data.id")}`
  yield* app.request("POST", `${channel}/members`, { token, body: { user_id: member.id } })
  const call = (user: TestUser, method: string, path: string, body?: unknown) =>
    app.request(method, path, body === undefined ? { token: user.token } : { token: user.token, body })
  const send = (user: TestUser, content: string, more: object = {}) =>
    call(user, "POST", `${channel}/messages`, { content, ...more })
  /** Sends a message. Returns its path. */
  const sent = (user: TestUser, content: string) =>
    Effect.map(send(user, content), (response) => `/v1/messages/${response.at("data.id")}`)
  const contents = (query = "") =>
    Effect.map(call(owner, "GET", `${channel}/messages${query}`), ({ json }) =>
      (json as { data: ReadonlyArray<{ content: string }> }).data.map(({ content }) => content),
    )
  return { app, owner, member, other, channel, call, send, sent, contents }
})

const statuses = (responses: ReadonlyArray<{ readonly status: number }>) =>
  responses.map(({ status }) => status).sort()

layer(Server.layer())("PlexiChat messages", (it) => {
  it.live("are sent, listed newest first, read, edited and deleted", () =>
    Effect.gen(function* () {
      const { owner, member, channel, call, send, sent, contents } = yield* setUp
      const response = yield* send(owner, "first")
      const message = {
        id: response.at("data.id"),
        channel_id: channel.slice(-36),
        author: { id: owner.id, username: expect.any(String), display_name: "John Doe" },
        content: "first",
        attachments: [],
        client_id: null,
        generation: null,
        reactions: [],
        reply_count: 0,
        thread_id: null,
        created_at: expect.any(String),
        edited_at: null,
        deleted_at: null,
      }
      const { data } = response.json as { readonly data: unknown }
      expect([response.status, data]).toEqual([201, message])
      const second = yield* sent(member, "second")
      yield* sent(owner, "third")
      expect(yield* contents()).toEqual(["third", "second", "first"])
      const page = yield* call(member, "GET", `${channel}/messages?per_page=1&page=2`)
      expect(page.json).toMatchObject({
        data: [{ content: "second" }],
        pagination: { total: 3, total_pages: 3 },
      })
      expect((yield* call(owner, "GET", second)).json).toMatchObject({ data: { content: "second" } })

      expect((yield* call(owner, "PUT", second, { content: "mine" })).status).toBe(403)
      const edited = yield* call(member, "PUT", second, { content: "2nd" })
      expect(edited.json).toMatchObject({ data: { content: "2nd", edited_at: expect.any(String) } })
      expect((yield* call(owner, "DELETE", second)).status).toBe(204)
      expect((yield* call(owner, "DELETE", second)).status).toBe(404)
      expect((yield* call(member, "DELETE", `/v1/messages/${response.at("data.id")}`)).status).toBe(403)
      expect(yield* contents()).toEqual(["third", "first"])
      expect(yield* contents("?per_page=1&page=2")).toEqual(["first"])
      for (const content of ["", "  ", "x".repeat(8001), 1, null])
        expect((yield* call(owner, "POST", `${channel}/messages`, { content })).status).toBe(400)
      expect((yield* send(owner, "x".repeat(8000))).status).toBe(201)
    }),
  )

  it.live("keep every page complete whichever messages were deleted", () =>
    Effect.gen(function* () {
      const { owner, call, sent, contents } = yield* setUp
      const paths = yield* Effect.forEach(
        Array.from({ length: 12 }, (_, i) => `${i}`),
        (text) => sent(owner, text),
      )
      for (const index of [0, 3, 4, 10, 11]) yield* call(owner, "DELETE", paths[index] ?? "")
      const expected = ["9", "8", "7", "6", "5", "2", "1"]
      for (const size of [1, 2, 3, 7]) {
        const pages = yield* Effect.forEach([1, 2, 3, 4, 5, 6, 7, 8], (page) =>
          contents(`?per_page=${size}&page=${page}`),
        )
        expect(pages.flat()).toEqual(expected)
      }
    }),
  )

  it.live("are hidden from others, and need the permission of the channel", () =>
    Effect.gen(function* () {
      const { owner, member, other, channel, call, send, sent } = yield* setUp
      const message = yield* sent(owner, "secret")
      const attempts = [
        call(other, "GET", `${channel}/messages`),
        send(other, "hi"),
        call(other, "GET", message),
        call(other, "PUT", message, { content: "a" }),
        call(other, "DELETE", message),
        call(other, "GET", `${message}/thread`),
        call(other, "POST", `${message}/thread`, { content: "a" }),
        call(other, "POST", `${message}/reactions`, { emoji: "👍" }),
        call(other, "DELETE", `${message}/reactions/${encodeURIComponent("👍")}`),
      ]
      expect(new Set((yield* Effect.all(attempts)).map(({ status }) => status))).toEqual(new Set([404]))
      const permissions = `${channel}/permissions`
      const deny = ["send_messages", "add_reactions"]
      yield* call(owner, "PUT", permissions, { overrides: [{ user_id: member.id, deny }] })
      expect((yield* send(member, "hi")).status).toBe(403)
      expect((yield* call(member, "POST", `${message}/reactions`, { emoji: "👍" })).status).toBe(403)
      yield* call(owner, "PUT", permissions, { overrides: [{ user_id: member.id, deny: ["read"] }] })
      expect((yield* call(member, "GET", message)).status).toBe(403)
      expect((yield* call(member, "GET", `${channel}/messages`)).status).toBe(403)
      const allow = ["manage_messages"]
      yield* call(owner, "PUT", permissions, { overrides: [{ user_id: member.id, allow }] })
      expect((yield* call(member, "DELETE", message)).status).toBe(204)
    }),
  )

  it.live("are stored once for a client_id, also when sent twice at once", () =>
    Effect.gen(function* () {
      const { owner, member, call, send, contents } = yield* setUp
      const key = { client_id: "k1" }
      const twice = yield* Effect.all([send(owner, "once", key), send(owner, "once", key)], {
        concurrency: "unbounded",
      })
      expect(statuses(twice)).toEqual([200, 201])
      expect(new Set(twice.map((response) => response.at("data.id"))).size).toBe(1)
      const different = yield* send(owner, "other text", key)
      expect([different.status, different.at("error.code")]).toEqual([409, "CLIENT_ID_TAKEN"])
      const reply = yield* call(owner, "POST", `/v1/messages/${twice[0].at("data.id")}/thread`, {
        content: "once",
        ...key,
      })
      expect(reply.status).toBe(409)
      expect((yield* send(member, "once", key)).status).toBe(201)
      expect(yield* contents()).toEqual(["once", "once"])
    }),
  )

  it.live("have threads that replies to replies join, and stay as tombstones while they have replies", () =>
    Effect.gen(function* () {
      const { owner, member, call, sent, contents } = yield* setUp
      const parent = yield* sent(owner, "question")
      const reply = (to: string, content: string) => call(member, "POST", `${to}/thread`, { content })
      const first = yield* reply(parent, "one")
      expect([first.status, first.at("data.thread_id")]).toEqual([201, parent.slice(-36)])
      const firstPath = `/v1/messages/${first.at("data.id")}`
      const second = yield* reply(firstPath, "two")
      expect(second.at("data.thread_id")).toBe(parent.slice(-36))
      yield* Effect.all([reply(parent, "three"), reply(parent, "three")], { concurrency: "unbounded" })
      const thread = yield* call(owner, "GET", `${firstPath}/thread?per_page=3`)
      expect(thread.json).toMatchObject({
        success: true,
        data: {
          parent: { content: "question", reply_count: 4 },
          replies: [{ content: "one" }, { content: "two" }, { content: "three" }],
        },
        pagination: { total: 4, total_pages: 2, has_next: true },
      })
      expect(yield* contents()).toEqual(["question"])

      expect((yield* call(owner, "DELETE", parent)).status).toBe(204)
      const tombstone = yield* call(owner, "GET", parent)
      expect(tombstone.json).toMatchObject({
        data: { content: "", reply_count: 4, deleted_at: expect.any(String) },
      })
      expect((yield* call(owner, "PUT", parent, { content: "again" })).status).toBe(404)
      expect((yield* call(owner, "POST", `${parent}/reactions`, { emoji: "👍" })).status).toBe(404)
      const { json } = yield* call(owner, "GET", `${parent}/thread`)
      const { replies } = (json as { data: { replies: ReadonlyArray<{ id: string }> } }).data
      const deletions = replies.map(({ id }) => call(member, "DELETE", `/v1/messages/${id}`))
      expect(statuses(yield* Effect.all(deletions, { concurrency: "unbounded" }))).toEqual([
        204, 204, 204, 204,
      ])
      expect((yield* call(owner, "GET", parent)).status).toBe(404)
      expect(yield* contents()).toEqual([])
    }),
  )

  it.live("count reactions of many users at once, each emoji once for a user", () =>
    Effect.gen(function* () {
      const { app, owner, channel, call, sent } = yield* setUp
      const message = yield* sent(owner, "vote")
      const voters = yield* Effect.forEach(Array.from({ length: 5 }), () => app.newUser())
      for (const { id } of voters) yield* call(owner, "POST", `${channel}/members`, { user_id: id })
      const react = (user: TestUser, emoji: string) => call(user, "POST", `${message}/reactions`, { emoji })
      const votes = voters.flatMap((voter) => [react(voter, "👍"), react(voter, "👍")])
      const responses = yield* Effect.all(votes, { concurrency: "unbounded" })
      expect(statuses(responses)).toEqual([200, 200, 200, 200, 200, 201, 201, 201, 201, 201])
      yield* react(owner, "👩‍👩‍👧‍👦")
      expect((yield* call(owner, "GET", message)).json).toMatchObject({
        data: {
          reactions: [
            { emoji: "👍", count: 5, me: false },
            { emoji: "👩‍👩‍👧‍👦", count: 1, me: true },
          ],
        },
      })
      for (const emoji of ["", "👍👍", "ab"]) expect((yield* react(owner, emoji)).status).toBe(400)
      const path = `${message}/reactions/${encodeURIComponent("👩‍👩‍👧‍👦")}`
      expect((yield* call(owner, "DELETE", path)).status).toBe(204)
      const absent = yield* call(owner, "DELETE", path)
      expect([absent.status, absent.at("error.code")]).toEqual([404, "REACTION_NOT_FOUND"])
    }),
  )

  it.live("have attachments of the author's own, which readers may read until the message is deleted", () =>
    Effect.gen(function* () {
      const { app, owner, member, other, call, send } = yield* setUp
      const form = new FormData()
      form.append("file", new Blob(["notes"], { type: "text/plain" }), "notes.txt")
      const uploaded = yield* app.request("POST", "/v1/files", { token: owner.token, raw: form })
      const attachments = [uploaded.at("data.id")]
      const foreign = yield* send(member, "mine?", { attachments })
      expect([foreign.status, foreign.at("error.code")]).toEqual([404, "FILE_NOT_FOUND"])
      expect((yield* send(owner, "bad", { attachments: ["no-id"] })).status).toBe(404)
      const message = yield* send(owner, "see", { attachments })
      expect(message.json).toMatchObject({
        data: { attachments: [{ id: attachments[0], name: "notes.txt", mime_type: "text/plain", size: 5 }] },
      })
      const file = `/v1/files/${attachments[0]}`
      expect((yield* call(member, "GET", file)).status).toBe(200)
      expect((yield* call(other, "GET", file)).status).toBe(404)
      yield* call(owner, "DELETE", `/v1/messages/${message.at("data.id")}`)
      expect((yield* call(member, "GET", file)).status).toBe(404)
    }),
  )

  it.live("stay with a null author when the account is deleted", () =>
    Effect.gen(function* () {
      const { owner, member, call, sent } = yield* setUp
      const message = yield* sent(member, "farewell")
      const sql = yield* SqlClient.SqlClient
      yield* sql`delete from users where id = ${member.id}`
      expect((yield* call(owner, "GET", message)).json).toMatchObject({
        data: { author: null, content: "farewell" },
      })
    }),
  )
})
