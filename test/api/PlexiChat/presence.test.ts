import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { Presence } from "../../../src/domain/messaging/Presence"
import { UserId } from "../../../src/domain/shared/Actor"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"

const get = ({ id }: TestUser, { token }: TestUser) =>
  Effect.flatMap(App, (app) => app.request("GET", `/v1/users/${id}/presence`, { token }))

const set = ({ id, token }: TestUser, body: unknown) =>
  Effect.flatMap(App, (app) => app.request("PUT", `/v1/users/${id}/presence`, { token, body }))

/** Waits until a user appears like this. */
const untilShown = (user: TestUser, presence: object) =>
  Effect.repeat(get(user, user), {
    until: ({ json }) => Bun.deepMatch({ data: presence }, json),
  })

/** Moves the past of a user's connections by 31 seconds. */
const letTimePass = ({ id }: TestUser) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`
      update presence_connections set disconnected_at = disconnected_at - interval '31 seconds'
      where user_id = ${id}`,
  )

layer(Server.layer())("PlexiChat presence", (it) => {
  it.live("is online while connected, and offline 30 seconds after the last connection closed", () =>
    Effect.gen(function* () {
      const app = yield* App
      const presence = yield* Presence
      const [ada, grace] = [yield* app.newUser(), yield* app.newUser()]
      expect((yield* get(ada, grace)).json).toMatchObject({
        data: { status: "offline", status_text: null, last_seen_at: null },
      })
      const close = presence.connect(UserId.make(ada.id))
      const closeOther = presence.connect(UserId.make(ada.id))
      yield* untilShown(ada, { status: "online" })
      expect((yield* set(ada, { status: "busy", status_text: "Writing notes" })).status).toBe(200)
      close()
      expect((yield* get(ada, grace)).json).toMatchObject({
        data: { status: "busy", status_text: "Writing notes", last_seen_at: expect.any(String) },
      })
      yield* letTimePass(ada)
      expect((yield* get(ada, grace)).json).toMatchObject({ data: { status: "busy" } })
      closeOther()
      const sql = yield* SqlClient.SqlClient
      yield* Effect.repeat(
        sql`select from presence_connections where user_id = ${ada.id} and disconnected_at is not null`,
        { until: (rows) => rows.length > 0 },
      )
      expect((yield* get(ada, grace)).json).toMatchObject({ data: { status: "busy" } })
      yield* letTimePass(ada)
      const offline = yield* get(ada, grace)
      expect(offline.json).toMatchObject({ data: { status: "offline", status_text: null } })
      yield* presence.expire()
      const lastSeen = (response: Server.TestResponse) => response.at("data.last_seen_at")
      expect(lastSeen(yield* get(ada, grace))).toBe(lastSeen(offline))
      const again = presence.connect(UserId.make(ada.id))
      yield* untilShown(ada, { status: "online", status_text: null })
      again()
    }),
  )

  it.live("is set without a connection for 30 seconds", () =>
    Effect.gen(function* () {
      const app = yield* App
      const ada = yield* app.newUser()
      expect((yield* set(ada, { status: "away" })).json).toMatchObject({ data: { status: "away" } })
      expect((yield* set(ada, { status_text: " At lunch " })).json).toMatchObject({
        data: { status: "away", status_text: "At lunch" },
      })
      expect((yield* set(ada, { status_text: "" })).json).toMatchObject({ data: { status_text: null } })
      yield* letTimePass(ada)
      expect((yield* get(ada, ada)).json).toMatchObject({ data: { status: "offline" } })
      expect((yield* set(ada, {})).json).toMatchObject({ data: { status: "online" } })
    }),
  )

  it.live("shows the invisible as offline since they became it", () =>
    Effect.gen(function* () {
      const app = yield* App
      const presence = yield* Presence
      const [ada, grace] = [yield* app.newUser(), yield* app.newUser()]
      yield* set(ada, { status_text: "Working" })
      for (const status of ["invisible", "offline"]) {
        yield* set(ada, { status: "online" })
        const hidden = yield* set(ada, { status })
        expect(hidden.json).toMatchObject({ data: { status: "offline", status_text: null } })
        const last_seen_at = hidden.at("data.last_seen_at")
        const again = yield* set(ada, { status_text: "Hidden" })
        expect(again.json).toMatchObject({ data: { status: "offline", status_text: null, last_seen_at } })
        yield* letTimePass(ada)
        yield* presence.expire()
        expect((yield* get(ada, grace)).json).toMatchObject({ data: { last_seen_at } })
      }
    }),
  )

  it.live("ends with the lease of a node that died, and is held again by one that only slept", () =>
    Effect.gen(function* () {
      const app = yield* App
      const presence = yield* Presence
      const sql = yield* SqlClient.SqlClient
      const [ada, grace, joan] = [yield* app.newUser(), yield* app.newUser(), yield* app.newUser()]
      // A node whose last sign of life is 40 seconds ago, and one that renews its lease.
      yield* sql`
        insert into presence_leases (node_id, renewed_at) values (1, now() - interval '40 seconds'), (2, now())`
      yield* sql`
        insert into presence_connections (user_id, node_id) select u::uuid, n
        from (values (${ada.id}, 1), (${grace.id}, 1), (${grace.id}, 2)) v (u, n)`
      yield* sql`
        insert into presences (user_id, status) select u::uuid, 'busy' from unnest(${[ada.id, grace.id]}::text[]) u`
      const seen = (yield* get(ada, joan)).at("data.last_seen_at")
      expect(Date.now() - Date.parse(seen)).toBeGreaterThan(30_000)
      yield* presence.expire()
      expect((yield* get(ada, joan)).json).toMatchObject({ data: { status: "offline", last_seen_at: seen } })
      expect((yield* get(grace, joan)).json).toMatchObject({ data: { status: "busy" } })
      expect(yield* sql`select from presence_leases where node_id = 1`).toHaveLength(0)

      const close = presence.connect(UserId.make(joan.id))
      yield* untilShown(joan, { status: "online" })
      yield* sql`update presence_leases set renewed_at = renewed_at - interval '40 seconds' where node_id > 2`
      yield* presence.expire()
      expect((yield* get(joan, ada)).json).toMatchObject({ data: { status: "offline" } })
      // The next user who connects makes the node renew its lease, and connect all of its users again.
      const closeOther = presence.connect(UserId.make(ada.id))
      yield* untilShown(joan, { status: "online" })
      yield* untilShown(ada, { status: "online" })
      close()
      closeOther()
    }),
  )

  it.live("is set by users themselves and by administrators, who make nobody appear online", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [ada, grace, admin] = [yield* app.newUser(), yield* app.newUser(), yield* app.newAdmin()]
      const path = `/v1/users/${ada.id}/presence`
      const body = { status: "away" }
      const denied = yield* app.request("PUT", path, { token: grace.token, body })
      expect([denied.status, denied.at("error.code")]).toEqual([403, "ADMIN_REQUIRED"])
      const byAdmin = yield* app.request("PUT", path, { token: admin.token, body })
      expect(byAdmin.json).toMatchObject({ data: { status: "offline" } })
      yield* set(ada, { status: "busy", status_text: "Something improper" })
      yield* app.request("PUT", path, { token: admin.token, body: { status_text: null } })
      expect((yield* get(ada, grace)).json).toMatchObject({ data: { status: "busy", status_text: null } })
      for (const invalid of [{ status: "asleep" }, { status: null }, { status_text: "x".repeat(141) }])
        expect((yield* set(ada, invalid)).at("error.code")).toBe("VALIDATION_ERROR")
      for (const id of ["nobody", "019bc0f1-2d08-7c3a-9d52-0e2a4c6e8b88"]) {
        const missing = yield* app.request("GET", `/v1/users/${id}/presence`, { token: ada.token })
        expect([missing.status, missing.at("error.code")]).toEqual([404, "USER_NOT_FOUND"])
      }
    }),
  )
})
