import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../../support/App"
import { App } from "../../../support/App"
import { layer } from "../../../support/it"
import { connectSocket, type Frame } from "../../../support/socketClient"

/** Creates a channel. Returns how to connect to it and how to send messages to it. */
const newChannel = Effect.gen(function* () {
  const app = yield* App
  const { token } = yield* app.newUser()
  const channel = yield* app.request("POST", "/v1/channels", { token, body: { name: "general" } })
  const id = channel.at("data.id")
  const send = (content: string) =>
    app.request("POST", `/v1/channels/${id}/messages`, { token, body: { content } })
  const connect = (path: string, query = "") => connectSocket(app.url, `${path}?token=${token}${query}`)
  return { id, send, connect, paths: ["/v1/ws/connect", `/v1/ws/channels/${id}`] }
})

const contentOf = ({ data }: Frame) => data["content"]

const contents = (frames: ReadonlyArray<Frame>) =>
  frames.filter(({ type }) => type === "message.created").map(contentOf)

layer(Server.layer())("PlexiChat sockets that resume", (it) => {
  it.live("get what they missed and what follows, each once and in order", () =>
    Effect.gen(function* () {
      const { send, connect, paths } = yield* newChannel
      for (const path of paths) {
        const first = yield* connect(path)
        yield* first.next("ready")
        yield* send("seen")
        const { seq } = yield* first.next("message.created")
        first.ws.close()
        yield* first.closed
        const missed = Array.from({ length: 10 }, (_, index) => `missed ${index}`)
        yield* Effect.forEach(missed, send)
        const byFrame = yield* connect(path)
        yield* byFrame.send({ type: "resume", id: "r", after: seq })
        const byQuery = yield* connect(path, `&after=${seq}`)
        const live = Array.from({ length: 10 }, (_, index) => `live ${index}`)
        yield* Effect.forEach(live, send)
        for (const socket of [byFrame, byQuery]) {
          yield* socket.until((frame) => contentOf(frame) === "live 9")
          expect(contents(socket.received)).toEqual([...missed, ...live])
          const numbers = socket.received.filter(({ type }) => type === "message.created")
          expect(numbers.map((frame) => frame.seq)).toEqual(
            numbers.map((frame) => frame.seq).toSorted((a, b) => a - b),
          )
        }
        expect(yield* byFrame.next("ack")).toMatchObject({ id: "r" })
      }
    }),
  )

  it.live("get new messages although they say nothing", () =>
    Effect.gen(function* () {
      const { send, connect, paths } = yield* newChannel
      for (const path of paths) {
        const socket = yield* connect(path)
        yield* socket.next("ready")
        yield* send("held")
        yield* socket.next("message.created")
        yield* send("live")
        yield* socket.until((frame) => contentOf(frame) === "live")
        expect(contents(socket.received)).toEqual(["held", "live"])
      }
    }),
  )

  it.live("learn that a number is not one of this server", () =>
    Effect.gen(function* () {
      const { connect } = yield* newChannel
      const socket = yield* connect("/v1/ws/connect")
      yield* socket.send({ type: "resume", id: "1", after: 1_000_000_000 })
      expect(yield* socket.next("error")).toMatchObject({ id: "1", data: { code: "RESUME_EXPIRED" } })
      const byQuery = yield* connect("/v1/ws/connect", "&after=1000000000")
      expect(yield* byQuery.next("error")).toMatchObject({ data: { code: "RESUME_EXPIRED" } })
    }),
  )
})
