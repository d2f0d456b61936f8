import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../../support/App"
import { App } from "../../../support/App"
import { layer } from "../../../support/it"
import { connectSocket } from "../../../support/socketClient"

layer(Server.layer({ RATE_LIMITS: "on", RATE_LIMIT_SOCKET_PER_MIN: "2" }))("PlexiChat sockets", (it) => {
  it.live("reject frames over the limit of their user, and close with 1008 at the third", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      const socket = yield* connectSocket(app.url, `/v1/ws/connect?token=${token}`)
      for (let frame = 0; frame < 5; frame++) yield* socket.send({ type: "ping", id: String(frame) })
      expect(yield* socket.closed).toBe(1008)
      const answers = socket.received.filter(({ type }) => type !== "ready")
      expect(answers.map(({ id, type, data }) => [id, type, data["code"]])).toEqual([
        ["0", "pong", undefined],
        ["1", "pong", undefined],
        ["2", "error", "RATE_LIMITED"],
        ["3", "error", "RATE_LIMITED"],
        ["4", "error", "RATE_LIMITED"],
      ])
    }),
  )
})

layer(Server.layer())("PlexiChat sockets", (it) => {
  it.live("send nothing of a channel to a member who may not read it any more, and close with 4404", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, member] = yield* Effect.all([app.newUser(), app.newUser()])
      const { token } = owner
      const channel = yield* app.request("POST", "/v1/channels", { token, body: { name: "general" } })
      const path = `/v1/channels/${channel.at("data.id")}`
      yield* app.request("POST", `${path}/members`, { token, body: { user_id: member.id } })
      const socket = yield* connectSocket(
        app.url,
        `/v1/ws/channels/${channel.at("data.id")}?token=${member.token}`,
      )
      const everything = yield* connectSocket(app.url, `/v1/ws/connect?token=${member.token}`)
      yield* Effect.all([socket.next("ready"), everything.next("ready")])
      yield* everything.send({ type: "ping" })
      yield* app.request("PUT", `${path}/permissions`, {
        token,
        body: { overrides: [{ user_id: member.id, allow: [], deny: ["read"] }] },
      })
      expect(yield* socket.closed).toBe(4404)
      yield* app.request("POST", `${path}/messages`, { token, body: { content: "Secret" } })
      const other = yield* app.request("POST", "/v1/dm/conversations", {
        token,
        body: { user_id: member.id },
      })
      const direct = `/v1/dm/conversations/${other.at("data.id")}/messages`
      yield* app.request("POST", direct, { token, body: { content: "Hello" } })
      const first = yield* everything.next("message.created")
      expect(first.data).toMatchObject({ content: "Hello" })
      const resumed = yield* connectSocket(app.url, `/v1/ws/connect?token=${member.token}&after=0`)
      expect((yield* resumed.next("message.created")).data).toMatchObject({ content: "Hello" })
    }),
  )

  it.live("close with 1009 after a frame that is too large", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      const socket = yield* connectSocket(app.url, `/v1/ws/connect?token=${token}`)
      yield* socket.send({ type: "ping", data: { text: "x".repeat(300_000) } })
      expect(yield* socket.closed).toBe(1009)
    }),
  )
})
