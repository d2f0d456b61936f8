import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"

const iceServers = [
  { urls: ["stun:stun.example.com:3478"] },
  {
    urls: ["turn:turn.example.com:3478?transport=udp", "turns:turn.example.com:5349"],
    username: "parley",
    credential: "turn-secret",
  },
]

const post = ({ token }: TestUser, path: string, body?: unknown) =>
  Effect.flatMap(App, (app) => app.request("POST", path, { token, ...(body === undefined ? {} : { body }) }))
const get = ({ token }: TestUser, path: string) =>
  Effect.flatMap(App, (app) => app.request("GET", path, { token }))
const remove = ({ token }: TestUser, path: string) =>
  Effect.flatMap(App, (app) => app.request("DELETE", path, { token }))

/** Creates a channel with this many other members. */
const newChannel = (count: number, isPrivate = true) =>
  Effect.gen(function* () {
    const app = yield* App
    const owner = yield* app.newUser()
    const members = yield* Effect.replicateEffect(app.newUser(), count)
    const id = (yield* post(owner, "/v1/channels", { name: "general", is_private: isPrivate })).at("data.id")
    for (const member of members) yield* post(owner, `/v1/channels/${id}/members`, { user_id: member.id })
    return { id, path: `/v1/channels/${id}`, owner, members }
  })

/** What an answer says about a user who takes part. */
const participant = ({ id }: TestUser) => ({
  user_id: id,
  username: expect.any(String),
  display_name: "John Doe",
  avatar_url: null,
  joined_at: expect.any(String),
})

layer(Server.layer({ ICE_SERVERS: JSON.stringify(iceServers) }))("PlexiChat voice and calls", (it) => {
  it.live("let members join a channel's voice, be listed and leave", () =>
    Effect.gen(function* () {
      const { id, path, owner, members } = yield* newChannel(1)
      const [member] = members as [TestUser]
      yield* post(owner, `${path}/voice/join`)
      const joined = yield* post(member, `${path}/voice/join`)
      expect([joined.status, joined.json]).toMatchObject([
        200,
        {
          success: true,
          data: {
            participants: [participant(owner), participant(member)],
            ice_servers: iceServers,
            socket: `/v1/ws/voice/${id}`,
          },
        },
      ])
      const listed = yield* get(member, `${path}/voice/participants?per_page=1&page=2`)
      expect(listed.json).toMatchObject({
        data: [participant(member)],
        pagination: { total: 2, has_prev: true },
      })
      expect(listed.text).not.toContain("turn-secret")
      for (let times = 0; times < 2; times++)
        expect((yield* remove(owner, `${path}/voice/leave`)).status).toBe(204)
      expect((yield* get(owner, `${path}/voice/participants`)).json).toMatchObject({
        data: [participant(member)],
      })
    }),
  )

  it.live("require `use_voice`, and membership", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { id, path, owner, members } = yield* newChannel(1, false)
      const [member] = members as [TestUser]
      const other = yield* app.newUser()
      const { token } = owner
      yield* app.request("PUT", `${path}/permissions`, {
        token,
        body: { overrides: [{ user_id: member.id, deny: ["use_voice"] }] },
      })
      const call = yield* post(owner, "/v1/calls", { channel_id: id })
      const callPath = `/v1/calls/${call.at("data.id")}`
      for (const [user, response] of [
        [member, yield* post(member, `${path}/voice/join`)],
        [other, yield* post(other, `${path}/voice/join`)],
        [member, yield* post(member, "/v1/calls", { channel_id: id })],
        [member, yield* post(member, `${callPath}/join`)],
      ] as const)
        expect([user.id, response.status, response.at("error.code")]).toEqual([user.id, 403, "FORBIDDEN"])
      expect((yield* get(member, callPath)).status).toBe(200)
      for (const response of [
        yield* get(other, callPath),
        yield* post(other, `${callPath}/join`),
        yield* remove(other, `${callPath}/leave`),
        yield* get(owner, "/v1/calls/none"),
      ])
        expect([response.status, response.at("error.code")]).toEqual([404, "CALL_NOT_FOUND"])
      for (const response of [
        yield* remove(other, `${path}/voice/leave`),
        yield* remove(owner, "/v1/channels/none/voice/leave"),
        yield* post(owner, "/v1/channels/none/voice/join"),
        yield* post(owner, "/v1/calls", { channel_id: "none" }),
      ])
        expect([response.status, response.at("error.code")]).toEqual([404, "CHANNEL_NOT_FOUND"])
    }),
  )

  it.live("call users in their direct conversation, who answer, leave and so end the call", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [ada, bob] = [yield* app.newUser(), yield* app.newUser()]
      const started = yield* post(ada, "/v1/calls", { type: "audio", participant_ids: [bob.id] })
      const id = started.at("data.id")
      const call = {
        id,
        type: "audio",
        status: "ringing",
        channel_id: expect.any(String),
        caller: { id: ada.id, username: expect.any(String), display_name: "John Doe" },
        participants: [participant(ada)],
        created_at: expect.any(String),
        answered_at: null,
        ended_at: null,
      }
      expect([started.status, started.json]).toMatchObject([
        201,
        { data: { ...call, ice_servers: iceServers, socket: `/v1/ws/voice/${id}` } },
      ])
      const again = yield* post(ada, "/v1/calls", { participant_ids: [bob.id] })
      expect([again.status, again.at("data.id")]).toEqual([200, id])
      const seen = yield* get(bob, `/v1/calls/${id}`)
      expect((seen.json as { readonly data: unknown }).data).toEqual(call)
      const conversation = yield* get(bob, `/v1/dm/conversations/${seen.at("data.channel_id")}`)
      expect(conversation.status).toBe(200)
      const joined = yield* post(bob, `/v1/calls/${id}/join`)
      expect([joined.status, joined.json]).toMatchObject([
        200,
        {
          data: {
            ...call,
            status: "active",
            answered_at: expect.any(String),
            participants: [participant(ada), participant(bob)],
            ice_servers: iceServers,
          },
        },
      ])
      for (const user of [ada, bob, bob])
        expect((yield* remove(user, `/v1/calls/${id}/leave`)).status).toBe(204)
      expect((yield* get(ada, `/v1/calls/${id}`)).json).toMatchObject({
        data: { status: "ended", participants: [], ended_at: expect.any(String) },
      })
      const late = yield* post(bob, `/v1/calls/${id}/join`)
      expect([late.status, late.at("error.code")]).toEqual([422, "CALL_ENDED"])
    }),
  )

  it.live("admit no ninth participant", () =>
    Effect.gen(function* () {
      const { id, path, owner, members } = yield* newChannel(8)
      const call = yield* post(owner, "/v1/calls", { channel_id: id })
      for (const url of [`${path}/voice/join`, `/v1/calls/${call.at("data.id")}/join`]) {
        const joins = yield* Effect.forEach([owner, ...members], (user) => post(user, url))
        expect(joins.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200, 200, 200, 422])
        expect(joins.at(-1)?.at("error.code")).toBe("VOICE_FULL")
      }
    }),
  )

  it.live("reject calls of nobody, of both kinds, of unknown users and of an unknown type", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const ids = [user.id]
      for (const body of [
        {},
        { type: "video" },
        { participant_ids: [] },
        { participant_ids: Array(11).fill(user.id) },
        { participant_ids: ids, channel_id: user.id },
        { participant_ids: ids, type: "hologram" },
      ])
        expect([body, (yield* post(user, "/v1/calls", body)).status]).toEqual([body, 400])
      const unknown = yield* post(user, "/v1/calls", { participant_ids: [crypto.randomUUID()] })
      expect([unknown.status, unknown.at("error.code")]).toEqual([404, "USER_NOT_FOUND"])
    }),
  )
})
