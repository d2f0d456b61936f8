import { Effect, Fiber, Schedule } from "effect"
import { makeClient, type TestUser } from "./App"
import { startServer } from "./ServerProcess"
import type { Frame } from "./socketClient"

/** Follows everything that a user sees: on a new connection after each lost one, from where it was. */
const makeReader = ({ token }: TestUser) => {
  const received: Array<{ readonly seq: number; readonly content: string }> = []
  let after: number | undefined
  const connect = (url: string) =>
    new Promise<void>((resolve) => {
      const query = after === undefined ? "" : `&after=${after}`
      const socket = new WebSocket(`${url.replace("http", "ws")}/v1/ws/connect?token=${token}${query}`)
      socket.onmessage = ({ data }) => {
        const frame: Frame = JSON.parse(String(data))
        after = frame.seq
        if (frame.type === "message.created" || frame.type === "error")
          received.push({ seq: frame.seq, content: String(frame.data["content"] ?? JSON.stringify(frame)) })
      }
      socket.onclose = () => resolve()
    })
  return { received, connect: (url: string) => Effect.promise(() => connect(url)) }
}

/**
 * Kills a server in each of some rounds while two users send messages and follow them, and starts it again on the
 * same database. Whoever is not answered sends again with the same key. Returns the contents of the messages that
 * were acknowledged, and what the two received over all their connections.
 */
export const killWhileSending = Effect.fn("test.killWhileSending")(function* (
  env: Record<string, string>,
  rounds: number,
) {
  const acknowledged: Array<string> = []
  const setUp = Effect.gen(function* () {
    const { newUser, request } = makeClient((yield* startServer(env)).url)
    const users = yield* Effect.all([newUser(), newUser()])
    const [{ token }, member] = users
    const channel = yield* request("POST", "/v1/channels", { token, body: { name: "general" } })
    const id = channel.at("data.id")
    yield* request("POST", `/v1/channels/${id}/members`, { token, body: { user_id: member.id } })
    return { users, path: `/v1/channels/${id}/messages` }
  })
  const { users, path } = yield* Effect.scoped(setUp)
  const readers = users.map(makeReader)
  const waitUntil = (done: () => boolean) => Effect.repeat(Effect.sleep("5 millis"), { until: () => done() })

  /** Sends numbered messages one after another until the server is gone; the last one is repeated later. */
  const makeSender = ({ token }: TestUser, name: string) => {
    let count = 0
    return (url: string) =>
      Effect.gen(function* () {
        const content = `${name} ${count}`
        const { status } = yield* Effect.tryPromise((signal) =>
          fetch(url + path, {
            method: "POST",
            signal,
            headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
            body: JSON.stringify({ content, client_id: content }),
          }),
        )
        if (status >= 300) return yield* Effect.dieMessage(`${content} was answered with ${status}`)
        acknowledged.push(content)
        count++
      }).pipe(Effect.forever, Effect.ignore)
  }
  const senders = users.map((user, index) => makeSender(user, `message of ${index}`))

  for (let round = 0; round < rounds; round++) {
    yield* Effect.scoped(
      Effect.gen(function* () {
        const server = yield* startServer(env)
        const connections = yield* Effect.forEach(readers, ({ connect }) => Effect.fork(connect(server.url)))
        const sending = yield* Effect.forEach(senders, (send) => Effect.fork(send(server.url)))
        const enough = acknowledged.length + 10 + Math.floor(Math.random() * 40)
        yield* waitUntil(() => acknowledged.length >= enough)
        server.kill("SIGKILL")
        yield* Fiber.joinAll([...connections, ...sending])
      }),
    )
  }

  // Only what was acknowledged must arrive; what a killed server stored without an answer may.
  yield* Effect.scoped(
    Effect.gen(function* () {
      const server = yield* startServer(env)
      yield* Effect.forEach(readers, ({ connect }) => Effect.fork(connect(server.url)))
      const isComplete = ({ received }: (typeof readers)[number]) => {
        const contents = new Set(received.map(({ content }) => content))
        return acknowledged.every((content) => contents.has(content))
      }
      yield* Effect.repeat(
        Effect.sync(() => readers.every(isComplete)),
        { until: (complete) => complete, schedule: Schedule.spaced("20 millis") },
      ).pipe(Effect.timeoutOption("10 seconds"))
    }),
  )
  return { acknowledged, received: readers.map(({ received }) => received) }
})
