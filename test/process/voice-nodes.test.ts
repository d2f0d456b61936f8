import { expect } from "bun:test"
import { Effect } from "effect"
import { Client } from "pg"
import { makeClient, type TestUser } from "../support/App"
import { postgresUnavailable } from "../support/Database"
import { it } from "../support/it"
import { startServer, startWithProvider } from "../support/ServerProcess"
import { connectSocket } from "../support/socketClient"

/** Lets the time of a participant without a socket be over, instead of waiting for 15 seconds. */
const endAbsence = (env: Readonly<Record<string, string>>, { id }: TestUser) =>
  Effect.promise(async () => {
    const client = new Client({ connectionString: env.DATABASE_URL })
    await client.connect()
    await client.query("update voice_participants set expires_at = now() where user_id = $1", [id])
    await client.end()
  })

it.live(
  "Voice spans two nodes: signals reach the other one, and it removes those whose node was killed",
  () =>
    Effect.gen(function* () {
      const { env, server: first } = yield* startWithProvider()
      const second = yield* startServer(env)
      const [onFirst, onSecond] = [makeClient(first.url), makeClient(second.url)]
      const [ada, bob] = [yield* onFirst.newUser(), yield* onFirst.newUser()]
      const bearer = ({ token }: TestUser) => ({ headers: { authorization: `Bearer ${token}` } })
      const body = { type: "audio", participant_ids: [bob.id] }
      const call = yield* onFirst.request("POST", "/v1/calls", { token: ada.token, body })
      const [id, socket] = [call.at("data.id"), call.at("data.socket")]
      const adas = yield* connectSocket(first.url, socket, bearer(ada))
      yield* onSecond.request("POST", `/v1/calls/${id}/join`, { token: bob.token })
      const bobs = yield* connectSocket(second.url, socket, bearer(bob))
      yield* Effect.all([adas.next("ready"), bobs.next("ready")])

      const sdp = `v=0\r\n${"a=candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host\r\n".repeat(400)}`
      yield* adas.send({ type: "offer", data: { to: bob.id, sdp } })
      expect((yield* bobs.next("offer")).data).toEqual({ from: ada.id, sdp })
      yield* bobs.send({ type: "answer", data: { to: ada.id, sdp: "v=0" } })
      expect((yield* adas.next("answer")).data).toEqual({ from: bob.id, sdp: "v=0" })

      second.kill("SIGKILL")
      yield* Effect.promise(() => second.exited)
      yield* endAbsence(env, bob)
      const left = yield* adas.next("voice.left")
      expect(left.data).toMatchObject({ call_id: id, user_id: bob.id })
      const { json } = yield* onFirst.request("GET", `/v1/calls/${id}`, { token: ada.token })
      expect(json).toMatchObject({ data: { status: "active", participants: [{ user_id: ada.id }] } })
    }),
  { timeout: 120_000, skipReason: postgresUnavailable },
)
