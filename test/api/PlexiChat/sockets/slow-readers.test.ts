import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../../support/App"
import { App } from "../../../support/App"
import { layer } from "../../../support/it"
import { openRawSocket } from "../../../support/rawWebSocket"
import { connectSocket, type Frame } from "../../../support/socketClient"
import { opcodes, type ServerFrame } from "../../../support/webSocketFrames"

/** How many large messages are sent at once: about as much as may wait for a client that reads. */
const BATCH_SIZE = 30

/** Batches that are together more than the server and the kernel hold for a client, which is less than 6 MB. */
const BATCHES = 7

/** Copies the last message's event, with another text of 32 KB for each copy. */
const copyLastEvent = (count: number) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`
      insert into outbox (scope_id, user_ids, event, created_at)
      select scope_id, user_ids,
        jsonb_set(event, '{post,content}', to_jsonb(event -> 'post' ->> 'content' || '-' || n || repeat('🧵', 8000))),
        created_at
      from outbox, generate_series(1, ${count}::int) n where seq = (select max(seq) from outbox)`,
  )

const frameIn = ({ payload }: ServerFrame): Frame => JSON.parse(payload.toString())

/** Returns the texts of the messages, shortened to what differs. */
const contents = (frames: ReadonlyArray<Frame>) =>
  frames.flatMap(({ type, data }) =>
    type === "message.created" ? String(data["content"]).replace(/🧵+/, "") : [],
  )

layer(Server.layer())("PlexiChat sockets", (it) => {
  it.live(
    "close with 4408 for a client that does not read, which resumes with nothing missed and nothing twice",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const { token } = yield* app.newUser()
        const channel = yield* app.request("POST", "/v1/channels", { token, body: { name: "general" } })
        const id = channel.at("data.id")
        const path = `/v1/ws/channels/${id}?token=${token}`
        const slow = yield* openRawSocket(app.url, path)
        const fast = yield* connectSocket(app.url, path)
        yield* slow.until(() => slow.frames.length > 0)
        const { seq: start } = yield* fast.next("ready")
        slow.client.pauseReading()
        for (let batch = 0; batch < BATCHES; batch++) {
          // The second message makes the server read the events of the first one's copies.
          for (const content of [`batch ${batch}`, `end ${batch}`]) {
            yield* app.request("POST", `/v1/channels/${id}/messages`, { token, body: { content } })
            if (content.startsWith("batch")) yield* copyLastEvent(BATCH_SIZE)
          }
          yield* fast.until(({ data }) => data["content"] === `end ${batch}`)
        }
        slow.client.resumeReading()
        expect(yield* slow.closed).toBe(4408)

        const before = slow.frames.filter(({ opcode }) => opcode === opcodes.text).map(frameIn)
        const all = contents(fast.received)
        expect(all).toHaveLength(BATCHES * (BATCH_SIZE + 2))
        expect(contents(before).length).toBeLessThan(all.length)
        const readAfter = (seq: number | undefined) =>
          Effect.gen(function* () {
            const socket = yield* connectSocket(app.url, `${path}&after=${seq}`)
            yield* socket.until(({ data }) => data["content"] === `end ${BATCHES - 1}`)
            return contents(socket.received)
          })
        expect([...contents(before), ...(yield* readAfter(before.at(-1)?.seq))]).toEqual(all)
        // However much a client has missed, it gets it over one connection if it reads.
        expect(yield* readAfter(start)).toEqual(all)
      }),
    { timeout: 90_000 },
  )
})
