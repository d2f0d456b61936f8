import { Effect } from "effect"
import { io as connect } from "socket.io-client"
import { servingSocketIo } from "../infra/socket-io/testServer"

/**
 * What a Socket.IO client on a websocket costs in memory while nothing happens.
 * `npx -y bun test/bench/socket-io.ts [clients]`
 */
const child = process.argv[2] === "connect"
const clients = Number(process.argv[child ? 4 : 2] ?? 1000)

/** Runs in a process of its own: stays connected until it is ended. */
const stay = async (origin: string) => {
  const arrive = () =>
    new Promise<void>((resolve) => {
      const socket = connect(origin, {
        forceNew: true,
        transports: ["websocket"],
        auth: { token: "x".repeat(200) },
      })
      socket.once("auth", () => resolve())
    })
  // A hundred at a time, as the server's backlog of connections has room for.
  for (let here = 0; here < clients; here += 100)
    await Promise.all(Array.from({ length: Math.min(100, clients - here) }, arrive))
  process.stdout.write("all here\n")
  await new Promise(() => setInterval(() => {}, 60_000))
}

const resident = Effect.gen(function* () {
  for (let round = 0; round < 5; round++) {
    Bun.gc(true)
    yield* Effect.sleep("100 millis")
  }
  return process.memoryUsage.rss()
})

/** How much the process grows by when clients come, each, in KB. */
const costOf = (origin: string) =>
  Effect.gen(function* () {
    const before = yield* resident
    const crowd = Bun.spawn([process.execPath, import.meta.path, "connect", origin, String(clients)], {
      stdout: "pipe",
    })
    yield* Effect.promise(() => crowd.stdout.getReader().read())
    const after = yield* resident
    crowd.kill()
    yield* Effect.promise(() => crowd.exited)
    return (after - before) / clients / 1024
  })

const program = Effect.gen(function* () {
  const { origin } = yield* servingSocketIo()
  process.stdout.write(`${(yield* costOf(origin)).toFixed(1)} KB a client\n`)
})

if (child) await stay(String(process.argv[3]))
else await Effect.runPromise(Effect.scoped(program))
process.exit(0)
