import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../../support/App"
import { App, type TestUser } from "../../../support/App"
import { layer } from "../../../support/it"
import { connectSocket, type Frame } from "../../../support/socketClient"

const bearer = ({ token }: TestUser) => ({ headers: { authorization: `Bearer ${token}` } })

const connect = (user: TestUser, path = "/v1/ws/connect") =>
  Effect.flatMap(App, ({ url }) => connectSocket(url, path, bearer(user)))

/** Whether a frame says that a user appears like this. */
const showsStatus =
  ({ id }: TestUser, status: string) =>
  ({ type, data }: Frame) =>
    type === "presence" && data["user_id"] === id && data["status"] === status

const newConversation = ({ token }: TestUser, { id }: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const body = { user_id: id }
    return (yield* app.request("POST", "/v1/dm/conversations", { token, body })).at("data.id")
  })

const status = ({ id, token }: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    return (yield* app.request("GET", `/v1/users/${id}/presence`, { token })).at("data.status")
  })

layer(Server.layer())("PlexiChat presence over sockets", (it) => {
  it.live("is sent to those who share a channel, a conversation or an organization, and to no one else", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [ada, grace, joan, other] = yield* Effect.all([
        app.newUser(),
        app.newUser(),
        app.newUser(),
        app.newUser(),
      ])
      const conversation = yield* newConversation(ada, grace)
      const { token } = ada
      const body = { name: "Analytical Engines" }
      const organization = yield* app.request("POST", "/v1/organizations", { token, body })
      const members = `/v1/organizations/${organization.at("data.id")}/members`
      yield* app.request("POST", members, { token, body: { user_id: joan.id } })
      const byConversation = yield* connect(grace, `/v1/ws/dm/${conversation}`)
      const byOrganization = yield* connect(joan)
      const outsider = yield* connect(other)
      for (const socket of [byConversation, byOrganization, outsider]) yield* socket.next("ready")

      const own = yield* connect(ada)
      for (const socket of [byConversation, byOrganization, own])
        yield* socket.until(showsStatus(ada, "online"))
      yield* own.send({ type: "presence.set", id: "1", data: { status: "busy", status_text: "Weaving" } })
      expect(yield* own.next("ack")).toMatchObject({ id: "1" })
      for (const socket of [byConversation, byOrganization, own])
        expect((yield* socket.until(showsStatus(ada, "busy"))).data).toEqual({
          user_id: ada.id,
          status: "busy",
          status_text: "Weaving",
          last_seen_at: expect.stringMatching(/Z$/),
        })
      yield* own.send({ type: "presence.set", id: "2", status: "invisible" })
      yield* byConversation.until(showsStatus(ada, "offline"))
      yield* own.send({ type: "presence.set", id: "3", status: "asleep" })
      expect((yield* own.next("error")).data).toMatchObject({
        code: "VALIDATION_ERROR",
        details: { field: "status" },
      })
      yield* outsider.send({ type: "ping" })
      yield* outsider.next("pong")
      expect(
        outsider.received.filter((frame) => showsStatus(ada, String(frame.data["status"]))(frame)),
      ).toEqual([])
    }),
  )

  it.live("ends 30 seconds after the last socket closed, and not before", () =>
    Effect.gen(function* () {
      const app = yield* App
      const sql = yield* SqlClient.SqlClient
      const [ada, grace] = [yield* app.newUser(), yield* app.newUser()]
      yield* newConversation(ada, grace)
      const watcher = yield* connect(grace)
      const sockets = [yield* connect(ada), yield* connect(ada)]
      yield* watcher.until(showsStatus(ada, "online"))
      const disconnected = sql`
        select from presence_connections where user_id = ${ada.id} and disconnected_at is not null`
      sockets[0]?.ws.close()
      yield* sockets[0]?.closed ?? Effect.void
      yield* sockets[1]?.send({ type: "presence.set", status: "away" }) ?? Effect.void
      yield* watcher.until(showsStatus(ada, "away"))
      expect(yield* disconnected).toHaveLength(0)
      sockets[1]?.ws.close()
      yield* Effect.repeat(disconnected, { until: (rows) => rows.length > 0 })
      expect(yield* status(ada)).toBe("away")
      yield* sql`
        update presence_connections set disconnected_at = disconnected_at - interval '31 seconds'
        where user_id = ${ada.id}`
      const { data } = yield* watcher.until(showsStatus(ada, "offline"))
      expect(data).toMatchObject({ status_text: null })
      yield* connect(ada)
      yield* Effect.repeat(status(ada), { until: (value) => value === "online" })
    }),
  )
})
