import { expect } from "bun:test"
import { Effect } from "effect"
import { Client } from "pg"
import { makeClient, type TestUser } from "../support/App"
import { postgresUnavailable } from "../support/Database"
import { it } from "../support/it"
import { databaseEnv, startServer } from "../support/ServerProcess"
import { connectSocket, type Frame } from "../support/socketClient"

const bearer = ({ token }: TestUser) => ({ headers: { authorization: `Bearer ${token}` } })

/** Whether a frame says that a user appears like this. */
const showsStatus =
  ({ id }: TestUser, status: string) =>
  ({ type, data }: Frame) =>
    type === "presence" && data["user_id"] === id && data["status"] === status

it.live(
  "Presence is shared by two nodes, and ends with the lease of one that was killed",
  () =>
    Effect.gen(function* () {
      const env = yield* databaseEnv
      const [first, second] = [yield* startServer(env), yield* startServer(env)]
      const client = makeClient(second.url)
      const [ada, grace] = [yield* client.newUser(), yield* client.newUser()]
      const body = { user_id: grace.id }
      yield* client.request("POST", "/v1/dm/conversations", { token: ada.token, body })
      const watcher = yield* connectSocket(second.url, "/v1/ws/connect", bearer(grace))
      yield* watcher.next("ready")
      const socket = yield* connectSocket(first.url, "/v1/ws/connect", bearer(ada))
      yield* watcher.until(showsStatus(ada, "online"))
      yield* socket.send({ type: "presence.set", status: "busy" })
      yield* watcher.until(showsStatus(ada, "busy"))

      first.kill("SIGKILL")
      yield* Effect.promise(() => first.exited)
      const get = client.request("GET", `/v1/users/${ada.id}/presence`, { token: grace.token })
      expect((yield* get).at("data.status")).toBe("busy")
      // Lets the time pass in which the first node would have renewed its lease.
      yield* Effect.promise(async () => {
        const database = new Client({ connectionString: env["DATABASE_URL"] })
        await database.connect()
        await database.query(
          `update presence_leases set renewed_at = renewed_at - interval '31 seconds' where node_id in (
             select node_id from presence_connections where user_id = $1)`,
          [ada.id],
        )
        await database.end()
      })
      yield* watcher.until(showsStatus(ada, "offline"))
      expect((yield* get).json).toMatchObject({ data: { status: "offline", status_text: null } })

      yield* connectSocket(second.url, "/v1/ws/connect", bearer(ada))
      yield* Effect.repeat(get, { until: (response) => response.at("data.status") === "online" })
      const own = client.request("GET", `/v1/users/${grace.id}/presence`, { token: ada.token })
      expect((yield* own).at("data.status")).toBe("online")
    }),
  { timeout: 120_000, skipReason: postgresUnavailable },
)
