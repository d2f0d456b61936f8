/**
 * Measures the memory of a quiet WebSocket of PlexiChat, authenticated and following everything of its user,
 * against a bare one of Bun. `bun test/bench/idle-sockets.ts [clients]`
 */
import { Effect, Layer } from "effect"
import { App, layer } from "../support/App"
import * as Database from "../support/Database"
import { memoryPerClient } from "./support/measureMemory"
import { print } from "./support/Processes"

const isClient = process.argv[2] === "connect"
const clients = Number(process.argv[isClient ? 4 : 2] ?? 2000)

/** Keeps clients connected until killed, in a separate process. */
const connectClients = async (url: string) => {
  const connectOnce = () =>
    new Promise<void>((resolve, reject) => {
      const socket = new WebSocket(url)
      socket.onmessage = () => resolve()
      socket.onerror = () => reject(new Error("A socket could not be opened"))
    })
  // A hundred at a time, which fits into the server's accept backlog.
  for (let connected = 0; connected < clients; connected += 100)
    await Promise.all(Array.from({ length: Math.min(100, clients - connected) }, connectOnce))
  // What the handshakes needed is collected a little at a time.
  await Bun.sleep(60_000)
  process.stdout.write("connected\n")
  await new Promise(() => setInterval(() => {}, 60_000))
}

/** Returns the memory of a client; a few before fill what all share. */
const measure = (url: string) => {
  const command = [import.meta.path, "connect", url]
  return Effect.zipRight(memoryPerClient(command, 100), memoryPerClient(command, clients))
}

const program = Effect.gen(function* () {
  const { url, newUser } = yield* App
  const { token } = yield* newUser()
  const bare = Bun.serve({
    port: 0,
    fetch: (request, server) => (server.upgrade(request) ? undefined : new Response("ok")),
    websocket: { open: (socket) => void socket.send("ready"), message: () => {} },
  })
  const baseline = yield* measure(`ws://127.0.0.1:${bare.port}/`)
  const measured = yield* measure(`${url.replace("http", "ws")}/v1/ws/connect?token=${token}`)
  print(`bare ${baseline.toFixed(1)} KB, PlexiChat's ${measured.toFixed(1)} KB per quiet socket (at most 30)`)
})

if (isClient) await connectClients(String(process.argv[3]))
else await Effect.runPromise(Effect.scoped(Effect.provide(program, Layer.fresh(layer({}, Database.layer)))))
process.exit(0)
