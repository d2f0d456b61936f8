import { expect } from "bun:test"
import { Duration, Effect, Layer } from "effect"
import { VoiceTimeouts } from "../../../../src/domain/messaging/VoiceRooms/Model"
import * as Server from "../../../support/App"
import { App, type TestUser } from "../../../support/App"
import { layer } from "../../../support/it"
import { connectSocket } from "../../../support/socketClient"

const bearer = ({ token }: TestUser) => ({ headers: { authorization: `Bearer ${token}` } })

const connect = (user: TestUser, path: string) =>
  Effect.flatMap(App, ({ url }) => connectSocket(url, path, bearer(user)))

const send = (method: string, path: string, { token }: TestUser, body?: unknown) =>
  Effect.flatMap(App, (app) => app.request(method, path, { token, ...(body === undefined ? {} : { body }) }))

/** Creates a private channel with three members. */
const newChannel = Effect.gen(function* () {
  const app = yield* App
  const [owner, member, bystander] = [yield* app.newUser(), yield* app.newUser(), yield* app.newUser()]
  const created = yield* send("POST", "/v1/channels", owner, { name: "general", is_private: true })
  const id = created.at("data.id")
  for (const { id: user_id } of [member, bystander])
    yield* send("POST", `/v1/channels/${id}/members`, owner, { user_id })
  return { id, path: `/v1/channels/${id}`, owner, member, bystander }
})

const times = Layer.succeed(VoiceTimeouts, {
  disconnected: Duration.seconds(4),
  ringing: Duration.seconds(60),
})

layer(Layer.provide(Server.layer(), times))("PlexiChat voice sockets", (it) => {
  it.live("relay signals to the addressed participant alone, with `from` set by the server", () =>
    Effect.gen(function* () {
      const { id, path, owner, member, bystander } = yield* newChannel
      const socket = `/v1/ws/voice/${id}`
      const sockets = [yield* connect(owner, socket), yield* connect(member, socket)] as const
      const [fromOwner, toMember] = sockets
      const others = [
        yield* connect(bystander, socket),
        yield* connect(member, `/v1/ws/channels/${id}`),
        yield* connect(member, "/v1/ws/connect"),
      ]
      for (const user of [owner, member, bystander]) yield* send("POST", `${path}/voice/join`, user)
      const ready = yield* fromOwner.next("ready")
      expect(ready.data).toEqual({ user_id: owner.id, channel_id: id, call_id: null })

      const offer = { sdp: `v=0\r\n${"a=🎙".repeat(4000)}` }
      const candidate = {
        candidate: "candidate:1 1 udp 1 127.0.0.1 9 typ host",
        sdpMid: "0",
        sdpMLineIndex: 0,
      }
      const signals = [
        { type: "offer", data: offer },
        { type: "ice-candidate", data: { candidate } },
        { type: "ice-candidate", data: { candidate: null } },
        { type: "mute", data: { muted: true, media: "audio" } },
        { type: "answer", data: { sdp: "v=0" } },
      ]
      for (const { type, data } of signals)
        yield* fromOwner.send({ type, data: { ...data, to: member.id, from: bystander.id } })
      yield* fromOwner.send({ type: "offer", id: "last", to: member.id, sdp: "beside the type" })
      yield* toMember.until(({ data }) => data["sdp"] === "beside the type")
      const types = new Set(signals.map(({ type }) => type))
      const received = toMember.received.filter(({ type }) => types.has(type))
      expect(received.slice(0, -1).map(({ type, data }) => ({ type, data }))).toEqual(
        signals.map(({ type, data }) => ({ type, data: { ...data, from: owner.id } })),
      )
      yield* fromOwner.until((frame) => frame.type === "ack" && frame.id === "last")
      for (const other of [fromOwner, ...others])
        expect(other.received.filter(({ type }) => types.has(type))).toEqual([])
    }),
  )

  it.live("answer a signal that they cannot relay with an error, and stay open", () =>
    Effect.gen(function* () {
      const { id, path, owner, member } = yield* newChannel
      const voice = yield* connect(owner, `/v1/ws/voice/${id}`)
      const channel = yield* connect(owner, `/v1/ws/channels/${id}`)
      const codeOf = (socket: typeof voice, type: string, data: object) =>
        Effect.gen(function* () {
          const frameId = crypto.randomUUID()
          yield* socket.send({ type, id: frameId, data })
          const { data: error } = yield* socket.until((frame) => frame.id === frameId)
          return error["code"]
        })
      const offer = { to: member.id, sdp: "v=0" }
      expect(yield* codeOf(voice, "offer", offer)).toBe("NOT_PARTICIPATING")
      yield* send("POST", `${path}/voice/join`, owner)
      expect(yield* codeOf(voice, "offer", offer)).toBe("NOT_PARTICIPATING")
      yield* connect(member, `/v1/ws/voice/${id}`)
      yield* send("POST", `${path}/voice/join`, member)
      expect(yield* codeOf(voice, "offer", { ...offer, sdp: "x".repeat(70_000) })).toBe("SIGNAL_TOO_LARGE")
      expect(yield* codeOf(voice, "offer", { to: member.id })).toBe("VALIDATION_ERROR")
      expect(yield* codeOf(voice, "ice-candidate", { to: member.id, candidate: 1 })).toBe("VALIDATION_ERROR")
      expect(yield* codeOf(channel, "offer", offer)).toBe("UNKNOWN_FRAME")
      expect(yield* codeOf(voice, "offer", offer)).toBeUndefined()
    }),
  )

  it.live(
    "keep their users in a call, report who leaves after the last was closed, and close with the call",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const [ada, bob, other] = [yield* app.newUser(), yield* app.newUser(), yield* app.newUser()]
        const bobsDevice = yield* connect(bob, "/v1/ws/connect")
        const call = yield* send("POST", "/v1/calls", ada, { participant_ids: [bob.id] })
        const [id, socket] = [call.at("data.id"), call.at("data.socket")]
        expect((yield* bobsDevice.next("call.ringing")).data).toMatchObject({
          id,
          status: "ringing",
          caller: { id: ada.id },
        })
        const adas = yield* connect(ada, socket)
        yield* send("POST", `/v1/calls/${id}/join`, bob)
        const bobs = yield* connect(bob, socket)
        expect((yield* bobsDevice.next("call.active")).data).toMatchObject({ id, status: "active" })
        expect((yield* adas.next("ready")).data["call_id"]).toBe(id)
        yield* Effect.sync(() => bobs.ws.close())
        const left = yield* adas.next("voice.left")
        expect(left.data).toMatchObject({ call_id: id, user_id: bob.id })
        const { json } = yield* send("GET", `/v1/calls/${id}`, ada)
        expect(json).toMatchObject({ data: { status: "active", participants: [{ user_id: ada.id }] } })
        yield* send("DELETE", `/v1/calls/${id}/leave`, ada)
        expect((yield* bobsDevice.next("call.ended")).data).toMatchObject({ id, status: "ended" })
        expect(yield* adas.closed).toBe(1000)
        expect(adas.received.map(({ type }) => type)).toContain("call.ended")
        for (const user of [ada, other]) {
          const refused = yield* send("GET", socket, user)
          expect([refused.status, refused.at("error.code")]).toEqual([404, "CHANNEL_NOT_FOUND"])
        }
      }),
  )

  it.live("require `use_voice`, and are closed when it or the membership is taken away", () =>
    Effect.gen(function* () {
      const { id, path, owner, member, bystander } = yield* newChannel
      const socket = `/v1/ws/voice/${id}`
      const [members, bystanders] = [yield* connect(member, socket), yield* connect(bystander, socket)]
      yield* Effect.all([members.next("ready"), bystanders.next("ready")])
      const owners = yield* connect(owner, socket)
      yield* send("POST", `${path}/voice/join`, member)
      const joined = yield* owners.next("voice.joined")
      expect(joined.data).toEqual({ channel_id: id, call_id: null, user_id: member.id })
      const overrides = [{ user_id: member.id, deny: ["use_voice"] }]
      yield* send("PUT", `${path}/permissions`, owner, { overrides })
      expect(yield* members.closed).toBe(4404)
      expect((yield* owners.next("voice.left")).data).toEqual(joined.data)
      const refused = yield* send("GET", socket, member)
      expect([refused.status, refused.at("error.code")]).toEqual([403, "FORBIDDEN"])
      yield* send("DELETE", `${path}/members/${bystander.id}`, owner)
      expect(yield* bystanders.closed).toBe(4404)
    }),
  )
})
