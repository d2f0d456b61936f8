import { Effect } from "effect"
import { io as connect } from "socket.io-client"
import { serveSocketIo } from "../infra/socket-io/testServer"
import { memoryPerClient } from "./support/measureMemory"

/**
 * Measures the memory of an idle Socket.IO client on a WebSocket.
 * `npx -y bun test/bench/idle-socket-io-clients.ts [clients]`
 */
const isClient = process.argv[2] === "connect"
const clients = Number(process.argv[isClient ? 4 : 2] ?? 1000)

/** Keeps clients connected until killed, in a separate process. */
const connectClients = async (origin: string) => {
  const connectOnce = () =>
    new Promise<void>((resolve) => {
      const socket = connect(origin, {
        forceNew: true,
        transports: ["websocket"],
        auth: { token: "x".repeat(200) },
      })
      socket.once("auth", () => resolve())
    })
  // A hundred at a time, which fits into the server's accept backlog.
  for (let connected = 0; connected < clients; connected += 100)
    await Promise.all(Array.from({ length: Math.min(100, clients - connected) }, connectOnce))
  process.stdout.write("connected\n")
  await new Promise(() => setInterval(() => {}, 60_000))
}

const program = Effect.gen(function* () {
  const { origin } = yield* serveSocketIo()
  process.stdout.write(
    `${(yield* memoryPerClient([import.meta.path, "connect", origin], clients)).toFixed(1)} KB per client\n`,
  )
})

if (isClient) await connectClients(String(process.argv[3]))
else await Effect.runPromise(Effect.scoped(program))
process.exit(0)
