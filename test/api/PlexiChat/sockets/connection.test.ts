import { expect } from "bun:test"
import { Duration, Effect, Exit } from "effect"
import { Tokens } from "../../../../src/domain/shared/Tokens"
import * as Server from "../../../support/App"
import { App, type TestUser } from "../../../support/App"
import { layer } from "../../../support/it"
import { connectSocket } from "../../../support/socketClient"

const newChannel = ({ token }: TestUser, is_private = true) =>
  Effect.gen(function* () {
    const app = yield* App
    const body = { name: "general", is_private }
    return (yield* app.request("POST", "/v1/channels", { token, body })).at("data.id")
  })

const bearer = ({ token }: TestUser) => ({ headers: { authorization: `Bearer ${token}` } })

layer(Server.layer())("PlexiChat sockets", (it) => {
  it.live("authenticate by header, query, subprotocol, first frame and the cookie of an allowed origin", () =>
    Effect.gen(function* () {
      const { url, newUser } = yield* App
      const user = yield* newUser()
      const path = "/v1/ws/connect"
      const origin = "http://localhost:3000"
      const byProtocol = yield* connectSocket(url, path, { protocols: ["bearer", user.token] })
      expect(byProtocol.ws.protocol).toBe("bearer")
      const byFrame = yield* connectSocket(url, path)
      yield* byFrame.send({ type: "auth", token: user.token })
      const sockets = [
        byProtocol,
        byFrame,
        yield* connectSocket(url, path, bearer(user)),
        yield* connectSocket(url, `${path}?token=${user.token}`),
        yield* connectSocket(url, path, { headers: { cookie: `parley_session=${user.cookie}`, origin } }),
      ]
      for (const socket of sockets) {
        const ready = yield* socket.next("ready")
        expect(ready).toEqual({
          type: "ready",
          seq: expect.any(Number),
          timestamp: expect.stringMatching(/Z$/),
          data: { user_id: user.id },
        })
      }
    }),
  )

  it.live("reject a handshake in the envelope", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const other = yield* app.newUser()
      const channel = yield* newChannel(user)
      const handshake = {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      }
      const open = (path: string, options: Server.RequestOptions = {}) =>
        Effect.map(
          app.request("GET", path, { ...options, headers: { ...handshake, ...options.headers } }),
          (response) => [response.status, response.at("error.code")],
        )
      const { token } = other
      expect(yield* open("/v1/ws/connect?token=wrong")).toEqual([401, "UNAUTHORIZED"])
      expect(yield* open("/v1/ws/connect", { token: "wrong" })).toEqual([401, "UNAUTHORIZED"])
      for (const path of [`/v1/ws/channels/${channel}`, `/v1/ws/dm/${channel}`, `/v1/ws/voice/${channel}`])
        expect(yield* open(path, { token })).toEqual([404, "CHANNEL_NOT_FOUND"])
      expect(yield* open("/v1/ws/channels/nothing", { token })).toEqual([404, "CHANNEL_NOT_FOUND"])
      expect(
        yield* open("/v1/ws/connect", { cookie: user.cookie, headers: { origin: "https://evil.example" } }),
      ).toEqual([403, "ORIGIN_NOT_ALLOWED"])
      const plain = yield* app.request("GET", "/v1/ws/connect", { token })
      expect([plain.status, plain.at("error.code")]).toEqual([426, "UPGRADE_REQUIRED"])
      expect((yield* app.request("GET", "/v1/ws/connect")).status).toBe(401)
    }),
  )

  it.live("answer malformed and unknown frames with an error and stay open", () =>
    Effect.gen(function* () {
      const { url, newUser } = yield* App
      const socket = yield* connectSocket(url, "/v1/ws/connect", bearer(yield* newUser()))
      socket.ws.send("{")
      socket.ws.send(new Uint8Array([1]))
      yield* socket.send({ type: "shout", id: "1" })
      yield* socket.send({ type: "resume", id: "2", data: { after: "x" } })
      yield* socket.send({ type: "typing", id: "3" })
      yield* socket.send({ type: "ping", id: "4" })
      expect(yield* socket.next("pong")).toMatchObject({ id: "4", data: {} })
      const errors = socket.received.filter(({ type }) => type === "error")
      expect(errors.map(({ id, data }) => [id, data["code"]])).toEqual([
        [undefined, "INVALID_FRAME"],
        [undefined, "INVALID_FRAME"],
        ["1", "UNKNOWN_FRAME"],
        ["2", "VALIDATION_ERROR"],
        ["3", "VALIDATION_ERROR"],
      ])
      expect(errors[3]?.data).toMatchObject({ details: { field: "after" } })
    }),
  )

  it.live("close with 4401 when the first frame does not authenticate and when the session is revoked", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const wrong = yield* connectSocket(app.url, "/v1/ws/connect")
      yield* wrong.send({ type: "auth", token: "wrong" })
      expect((yield* wrong.next("error")).data).toMatchObject({ code: "UNAUTHORIZED" })
      expect(yield* wrong.closed).toBe(4401)
      const silent = yield* connectSocket(app.url, "/v1/ws/connect")
      const signedIn = yield* connectSocket(app.url, "/v1/ws/connect", bearer(user))
      yield* signedIn.next("ready")
      yield* app.request("POST", "/api/auth/logout", { token: user.token })
      expect(yield* signedIn.closed).toBe(4401)
      expect(yield* silent.closed).toBe(4401)
    }),
  )

  it.live("close with 4401 when their token expires, unless the client has sent another one before", () =>
    Effect.gen(function* () {
      const { url, newUser } = yield* App
      const [user, other] = yield* Effect.all([newUser(), newUser()])
      const tokens = yield* Tokens
      const claims = yield* tokens.verifyAccessToken(user.token)
      const expiring = yield* tokens.signAccessToken(claims, Duration.seconds(5))
      const path = `/v1/ws/connect?token=${expiring}`
      const [left, renewed] = yield* Effect.all([connectSocket(url, path), connectSocket(url, path)])
      yield* renewed.send({ type: "auth", id: "1", token: other.token })
      expect(yield* renewed.next("error")).toMatchObject({ id: "1", data: { code: "OTHER_USER" } })
      yield* renewed.send({ type: "auth", id: "2", token: user.token })
      expect(yield* renewed.next("ack")).toMatchObject({ id: "2" })
      expect(yield* left.closed).toBe(4401)
      expect(Exit.isFailure(yield* Effect.exit(tokens.verifyAccessToken(expiring)))).toBe(true)
      yield* renewed.send({ type: "ping", id: "3" })
      expect(yield* renewed.next("pong")).toMatchObject({ id: "3" })
    }),
  )

  it.live("close the sockets of a channel when its user is removed, and when it is deleted", () =>
    Effect.gen(function* () {
      const app = yield* App
      const owner = yield* app.newUser()
      const member = yield* app.newUser()
      const channel = yield* newChannel(owner)
      const members = `/v1/channels/${channel}/members`
      const body = { user_id: member.id }
      yield* app.request("POST", members, { token: owner.token, body })
      const path = `/v1/ws/channels/${channel}`
      const own = yield* connectSocket(app.url, path, bearer(owner))
      const theirs = yield* connectSocket(app.url, path, bearer(member))
      const everything = yield* connectSocket(app.url, "/v1/ws/connect", bearer(member))
      yield* app.request("DELETE", `${members}/${member.id}`, { token: owner.token })
      expect(yield* theirs.closed).toBe(4404)
      const removed = { channel_id: channel, user_id: member.id }
      expect((yield* everything.next("member.removed")).data).toEqual(removed)
      expect((yield* own.next("member.removed")).data).toEqual(removed)
      yield* app.request("DELETE", `/v1/channels/${channel}`, { token: owner.token })
      yield* own.next("channel.deleted")
      expect(yield* own.closed).toBe(4404)
      yield* everything.send({ type: "ping" })
      yield* everything.next("pong")
      expect(everything.received.some(({ type }) => type === "channel.deleted")).toBe(false)
    }),
  )

  it.live("show the others in a channel who is writing", () =>
    Effect.gen(function* () {
      const app = yield* App
      const owner = yield* app.newUser()
      const member = yield* app.newUser()
      const channel = yield* newChannel(owner)
      const body = { user_id: member.id }
      yield* app.request("POST", `/v1/channels/${channel}/members`, { token: owner.token, body })
      const everything = yield* connectSocket(app.url, "/v1/ws/connect", bearer(owner))
      const own = yield* connectSocket(app.url, `/v1/ws/channels/${channel}`, bearer(owner))
      const theirs = yield* connectSocket(app.url, `/v1/ws/channels/${channel}`, bearer(member))
      yield* theirs.send({ type: "typing", id: "1" })
      yield* theirs.next("ack")
      for (const socket of [everything, own])
        expect((yield* socket.next("typing")).data).toEqual({ channel_id: channel, user_id: member.id })
      expect(theirs.received.some(({ type }) => type === "typing")).toBe(false)
      const outsider = yield* connectSocket(app.url, "/v1/ws/connect", bearer(yield* app.newUser()))
      yield* outsider.send({ type: "typing", channel_id: channel })
      expect((yield* outsider.next("error")).data).toMatchObject({ code: "CHANNEL_NOT_FOUND" })
    }),
  )
})
