import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"

const path = "/v1/dm/conversations"

const start = ({ token }: TestUser, body: unknown) =>
  Effect.flatMap(App, (app) => app.request("POST", path, { token, body }))

layer(Server.layer())("PlexiChat direct messages", (it) => {
  it.live("are one conversation for the same people, also when both start it at once", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [ada, grace, joan] = [yield* app.newUser(), yield* app.newUser(), yield* app.newUser()]
      const both = yield* Effect.all([start(ada, { user_id: grace.id }), start(grace, { user_id: ada.id })], {
        concurrency: "unbounded",
      })
      expect(both.map(({ status }) => status).sort()).toEqual([200, 201])
      expect(both[0].at("data.id")).toBe(both[1].at("data.id"))
      expect(both[0].json).toMatchObject({ data: { participants: [{ id: ada.id }, { id: grace.id }] } })
      const again = yield* start(ada, { participant_ids: [grace.id, ada.id, grace.id] })
      expect([again.status, again.at("data.id")]).toEqual([200, both[0].at("data.id")])
      const group = yield* start(ada, { participant_ids: [grace.id, joan.id] })
      expect(group.status).toBe(201)
      const alone = yield* start(ada, { user_id: ada.id })
      expect([alone.status, (yield* start(ada, { user_id: ada.id })).status]).toEqual([201, 200])
      const listed = yield* app.request("GET", path, { token: ada.token })
      expect(listed.json).toMatchObject({
        data: [{ id: alone.at("data.id") }, {}, {}],
        pagination: { total: 3 },
      })
      expect((yield* app.request("GET", path, { token: joan.token })).json).toMatchObject({
        pagination: { total: 1 },
      })
      const tooMany = Array.from({ length: 11 }, () => grace.id)
      for (const body of [{}, { user_id: grace.id, participant_ids: [] }, { participant_ids: tooMany }])
        expect((yield* start(ada, body)).status).toBe(400)
      for (const user_id of ["nobody", group.at("data.id")])
        expect((yield* start(ada, { user_id })).status).toBe(404)
    }),
  )

  it.live(
    "have the messages of channels, for their people alone, and neither settings nor changing members",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const [ada, grace, other] = [yield* app.newUser(), yield* app.newUser(), yield* app.newUser()]
        const id = (yield* start(ada, { user_id: grace.id })).at("data.id")
        const messages = `${path}/${id}/messages`
        const body = { content: "Hello", client_id: "1" }
        const sent = yield* app.request("POST", messages, { token: ada.token, body })
        expect(sent.status).toBe(201)
        expect((yield* app.request("POST", messages, { token: ada.token, body })).status).toBe(200)
        const message = `/v1/messages/${sent.at("data.id")}`
        expect((yield* app.request("GET", message, { token: grace.token })).status).toBe(200)
        expect((yield* app.request("DELETE", message, { token: grace.token })).status).toBe(403)
        const reply = { token: grace.token, body: { content: "Hi" } }
        expect((yield* app.request("POST", `${message}/thread`, reply)).status).toBe(201)
        expect((yield* app.request("GET", messages, { token: grace.token })).json).toMatchObject({
          data: [{ content: "Hello", reply_count: 1 }],
        })
        for (const hidden of [message, messages, `${path}/${id}`])
          expect((yield* app.request("GET", hidden, { token: other.token })).status).toBe(404)
        const channel = `/v1/channels/${id}`
        expect((yield* app.request("GET", channel, { token: ada.token })).status).toBe(404)
        expect((yield* app.request("DELETE", channel, { token: ada.token })).status).toBe(404)
        const leave = yield* app.request("DELETE", `${channel}/members/${ada.id}`, { token: ada.token })
        expect(leave.status).toBe(404)
        const named = yield* app.request("POST", "/v1/channels", {
          token: ada.token,
          body: { name: "general" },
        })
        const notDirect = yield* app.request("GET", `${path}/${named.at("data.id")}`, { token: ada.token })
        expect(notDirect.status).toBe(404)
      }),
  )
})
