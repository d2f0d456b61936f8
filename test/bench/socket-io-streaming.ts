/**
 * Measures Socket.IO clients of different users on WebSockets: the memory of an idle one, and whether
 * concurrently streaming ones receive every event in order. The server is a separate process,
 * restarted after the users were registered, because hashing passwords takes memory too.
 * `npx -y bun test/bench/socket-io-streaming.ts [clients] [streaming]`
 */
import { io, type Socket } from "socket.io-client"
import { startPostgres } from "../support/PostgresServer"
import { type MeasuredServer, percentile, print, startParley, startProvider } from "./support/Processes"

const clients = Number(process.argv[2] ?? 1000)
const streaming = Number(process.argv[3] ?? 200)
const deltas = 100
const deltaInterval = 100
const MAX_KILOBYTES = 60

const postgres = await startPostgres()
const provider = await startProvider("--deltas", String(deltas), "--every", String(deltaInterval))
const serve = () => startParley(postgres.url, provider.url, { BUN_CONFIG_MAX_HTTP_REQUESTS: "4096" })

const post = async (server: MeasuredServer, path: string, body: unknown, token?: string) => {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) }
  const response = await fetch(server.url + path, { method: "POST", headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${path} returned ${response.status} ${await response.text()}`)
  return Object(await response.json())
}

/** Runs an action for each number below `count`, `concurrency` at a time. */
const forEach = async <A>(count: number, concurrency: number, action: (number: number) => Promise<A>) => {
  const done: Array<A> = []
  for (let from = 0; from < count; from += concurrency) {
    const batch = Array.from({ length: Math.min(concurrency, count - from) }, (_, index) =>
      action(from + index),
    )
    done.push(...(await Promise.all(batch)))
  }
  return done
}

const register = async (server: MeasuredServer): Promise<string> => {
  const account = { email: `${crypto.randomUUID()}@example.com`, password: "SecurePass123!" }
  return (await post(server, "/api/auth/register", { ...account, display_name: "Bench" })).token
}

const connect = (server: MeasuredServer, token: string) =>
  new Promise<Socket>((resolve, reject) => {
    const socket = io(server.url, {
      auth: { token },
      transports: ["websocket"],
      forceNew: true,
      reconnection: false,
    })
    socket.once("authenticated", () => resolve(socket))
    socket.once("connect_error", reject)
  })

/** Returns the lowest memory of the server over ten seconds, in bytes: by then garbage is collected. */
const settledMemory = async (server: MeasuredServer) => {
  let lowest = server.memory()
  for (let second = 0; second < 10; second++) {
    await Bun.sleep(1000)
    lowest = Math.min(lowest, server.memory())
  }
  return lowest
}

/** Prepares a conversation. Returns a function that sends a prompt and measures the received events. */
const stream = async (server: MeasuredServer, socket: Socket, token: string) => {
  const ownConfig = { name: "Bench", model_id: "openai/scripted", system_prompt: "Answer." }
  const config = await post(server, "/api/configs", ownConfig, token)
  const config_id = config.config.id
  const newConversation = { title: "Bench", config_id }
  const conversation_id = (await post(server, "/api/conversations", newConversation, token)).conversation.id
  const received: Array<readonly [string, { content?: string; index?: number }]> = []
  let first = Number.NaN
  socket.onAny((event, payload) => {
    if (event === "message_chunk" && Number.isNaN(first)) first = performance.now()
    received.push([event, payload])
  })
  return async () => {
    const startedAt = performance.now()
    const ended = new Promise((resolve) => {
      for (const end of ["message_complete", "message_error", "error", "disconnect"])
        socket.once(end, resolve)
    })
    socket.emit("send_message", { conversation_id, config_id, message: "hi" })
    await ended
    const chunks = received.filter(([event]) => event === "message_chunk")
    const names = ["message_saved", "message_start", ...chunks.map(([event]) => event), "message_complete"]
    const inOrder =
      received.map(([event]) => event).join() === names.join() &&
      chunks.every(([, { index }], at) => index === at + 2) &&
      chunks.map(([, { content }]) => content).join("") === "word ".repeat(deltas) &&
      received.at(-1)?.[1].content === "word ".repeat(deltas)
    return { inOrder, chunks: chunks.length, first: first - startedAt }
  }
}

const registrationServer = await serve()
const tokens = await forEach(clients, 8, () => register(registrationServer))
await registrationServer.stop()

const server = await serve()
const warm = await forEach(50, 50, async () => connect(server, tokens[0] ?? ""))
for (const socket of warm) socket.disconnect()
const empty = await settledMemory(server)
const sockets = await forEach(clients, 100, (number) => connect(server, tokens[number] ?? ""))
const full = await settledMemory(server)
const kilobytes = (full - empty) / clients / 1024
print(`${clients} clients: ${kilobytes.toFixed(1)} KB each (at most ${MAX_KILOBYTES})`)

const runs = await forEach(streaming, 20, (number) => {
  const socket = sockets[number]
  if (socket === undefined) throw new Error("More streams than clients")
  return stream(server, socket, tokens[number] ?? "")
})
const cpu = server.cpu()
const startedAt = performance.now()
const streams = await Promise.all(runs.map((run) => run()))
const seconds = (performance.now() - startedAt) / 1000
const chunks = streams.reduce((sum, one) => sum + one.chunks, 0)
const complete = streams.filter(({ inOrder }) => inOrder).length
const firsts = streams.map(({ first }) => first)
print(
  `${complete} of ${streaming} received every event in order: ${chunks} chunks in ${seconds.toFixed(1)} s`,
)
print(
  `first chunk after ${percentile(firsts, 50).toFixed(0)} ms, 95th ${percentile(firsts, 95).toFixed(0)} ms`,
)
print(`${(((server.cpu() - cpu) * 1000) / chunks).toFixed(0)} µs of server CPU time per chunk`)
const stillConnected = sockets.filter(({ connected }) => connected).length
print(
  `${stillConnected} of ${clients} still connected; ${(server.memory() / 1048576).toFixed(0)} MB resident`,
)

for (const socket of sockets) socket.disconnect()
await Promise.all([server.stop(), provider.stop()])
await postgres.stop()
process.exit(complete === streaming && stillConnected === clients && kilobytes <= MAX_KILOBYTES ? 0 : 1)
