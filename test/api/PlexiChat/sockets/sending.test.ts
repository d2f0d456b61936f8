import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../../support/App"
import { App } from "../../../support/App"
import { layer } from "../../../support/it"
import { connectSocket } from "../../../support/socketClient"

layer(Server.layer())("Messages over PlexiChat's sockets", (it) => {
  it.live("are sent once, acknowledged, and delivered to everyone in the channel", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, member] = yield* Effect.all([app.newUser(), app.newUser()])
      const post = (path: string, body: unknown, { token } = owner) =>
        app.request("POST", path, { token, body })
      const channel = (yield* post("/v1/channels", { name: "general", is_private: true })).at("data.id")
      yield* post(`/v1/channels/${channel}/members`, { user_id: member.id })
      const theirs = yield* connectSocket(app.url, `/v1/ws/channels/${channel}?token=${member.token}`)
      const everything = yield* connectSocket(app.url, `/v1/ws/connect?token=${owner.token}`)
      yield* Effect.all([theirs.next("ready"), everything.next("ready")])

      const message = { content: "Hello", client_id: "composer-1" }
      yield* theirs.send({ type: "message.send", id: "1", data: message })
      yield* theirs.send({ type: "message.send", id: "2", data: message })
      const [first, again] = [
        yield* theirs.until(({ id }) => id === "1"),
        yield* theirs.until(({ id }) => id === "2"),
      ]
      expect(first).toMatchObject({
        type: "ack",
        data: { message: { ...message, author: { id: member.id } } },
      })
      expect(again.data).toEqual(first.data)
      const sent = Object(first.data["message"])
      yield* everything.send({ type: "message.send", id: "3", content: "We shall.", thread_id: sent.id })
      expect((yield* everything.until(({ id }) => id === "3")).data).toMatchObject({
        message: { content: "We shall.", thread_id: sent.id },
      })

      const received = yield* everything.next("thread.reply")
      expect(received.data).toMatchObject({ reply_count: 1 })
      const created = everything.received.filter(({ type }) => type === "message.created")
      const { reactions: _, ...visible } = sent
      expect(created.map(({ data }) => data)).toEqual([visible])
      const list = yield* app.request("GET", `/v1/channels/${channel}/messages`, { token: owner.token })
      expect(list.json).toMatchObject({ pagination: { total: 1 } })
    }),
  )

  it.live("are rejected as requests are, and the socket stays open", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, member, outsider] = yield* Effect.all([app.newUser(), app.newUser(), app.newUser()])
      const { token } = owner
      const channel = (yield* app.request("POST", "/v1/channels", { token, body: { name: "general" } })).at(
        "data.id",
      )
      yield* app.request("POST", `/v1/channels/${channel}/members`, { token, body: { user_id: member.id } })
      yield* app.request("PUT", `/v1/channels/${channel}/permissions`, {
        token,
        body: { overrides: [{ user_id: member.id, allow: [], deny: ["send_messages"] }] },
      })
      const key = (yield* app.request("POST", "/v1/auth/api-keys", {
        token,
        body: { name: "Reader", scopes: ["read"] },
      })).at("data.key")
      const codes: Array<unknown> = []
      for (const [user, data] of [
        [owner.token, { content: "Where?" }],
        [owner.token, { channel_id: channel }],
        [owner.token, { channel_id: channel, content: "Hi", attachments: [channel] }],
        [owner.token, { thread_id: channel, content: "Hi" }],
        [member.token, { channel_id: channel, content: "Hi" }],
        [outsider.token, { channel_id: crypto.randomUUID(), content: "Hi" }],
        [key, { channel_id: channel, content: "Hi" }],
      ]) {
        const socket = yield* connectSocket(app.url, `/v1/ws/connect?token=${String(user)}`)
        yield* socket.send({ type: "message.send", id: "1", data })
        codes.push((yield* socket.until(({ id }) => id === "1")).data["code"])
        yield* socket.send({ type: "ping" })
        yield* socket.next("pong")
      }
      expect(codes).toEqual([
        "VALIDATION_ERROR",
        "VALIDATION_ERROR",
        "FILE_NOT_FOUND",
        "MESSAGE_NOT_FOUND",
        "FORBIDDEN",
        "CHANNEL_NOT_FOUND",
        "INSUFFICIENT_SCOPE",
      ])
      const list = yield* app.request("GET", `/v1/channels/${channel}/messages`, { token })
      expect(list.json).toMatchObject({ pagination: { total: 0 } })
    }),
  )
})
