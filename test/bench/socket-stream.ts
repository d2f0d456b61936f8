/**
 * Socket.IO clients on websockets, each somebody else: what one costs in memory while nothing
 * happens, and whether those of them who stream at once hear every event in order. The server is a
 * process of its own, begun anew after accounts were made, since hashing passwords takes memory too.
 * `npx -y bun test/bench/socket-stream.ts [clients] [streaming]`
 */
import { io, type Socket } from "socket.io-client"
import { startPostgres } from "../support/PostgresServer"
import { type Measured, percentile, print, startParley, startProvider } from "./support/Processes"

const clients = Number(process.argv[2] ?? 1000)
const streaming = Number(process.argv[3] ?? 200)
const deltas = 100
const every = 100
const mostKilobytes = 60

const postgres = await startPostgres()
const provider = await startProvider("--deltas", String(deltas), "--every", String(every))
const serve = () => startParley(postgres.url, provider.url, { BUN_CONFIG_MAX_HTTP_REQUESTS: "4096" })

const post = async (server: Measured, path: string, body: unknown, token?: string) => {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) }
  const response = await fetch(server.url + path, { method: "POST", headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${path} answered ${response.status} ${await response.text()}`)
  return Object(await response.json())
}

/** Does something for each of so many, a few at a time. */
const forEach = async <A>(count: number, atOnce: number, act: (number: number) => Promise<A>) => {
  const done: Array<A> = []
  for (let from = 0; from < count; from += atOnce) {
    const some = Array.from({ length: Math.min(atOnce, count - from) }, (_, index) => act(from + index))
    done.push(...(await Promise.all(some)))
  }
  return done
}

const register = async (server: Measured): Promise<string> => {
  const account = { email: `${crypto.randomUUID()}@example.com`, password: "SecurePass123!" }
  return (await post(server, "/api/auth/register", { ...account, display_name: "Bench" })).token
}

const connect = (server: Measured, token: string) =>
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

/** The least that the server takes over some seconds: what is to be collected is collected in time. */
const settled = async (server: Measured) => {
  let least = server.memory()
  for (let second = 0; second < 10; second++) {
    await Bun.sleep(1000)
    least = Math.min(least, server.memory())
  }
  return least
}

/** A prompt, and what is wrong with what is heard of its answer; in which time the first piece came. */
const stream = async (server: Measured, socket: Socket, token: string) => {
  const own = { name: "Bench", model_id: "openai/scripted", system_prompt: "Answer." }
  const config = await post(server, "/api/configs", own, token)
  const config_id = config.config.id
  const titled = { title: "Bench", config_id }
  const conversation_id = (await post(server, "/api/conversations", titled, token)).conversation.id
  const heard: Array<readonly [string, { content?: string; index?: number }]> = []
  let first = Number.NaN
  socket.onAny((event, payload) => {
    if (event === "message_chunk" && Number.isNaN(first)) first = performance.now()
    heard.push([event, payload])
  })
  return async () => {
    const begun = performance.now()
    const over = new Promise((resolve) => {
      for (const end of ["message_complete", "message_error", "error", "disconnect"])
        socket.once(end, resolve)
    })
    socket.emit("send_message", { conversation_id, config_id, message: "hi" })
    await over
    const chunks = heard.filter(([event]) => event === "message_chunk")
    const names = ["message_saved", "message_start", ...chunks.map(([event]) => event), "message_complete"]
    const inOrder =
      heard.map(([event]) => event).join() === names.join() &&
      chunks.every(([, { index }], at) => index === at + 2) &&
      chunks.map(([, { content }]) => content).join("") === "word ".repeat(deltas) &&
      heard.at(-1)?.[1].content === "word ".repeat(deltas)
    return { inOrder, chunks: chunks.length, first: first - begun }
  }
}

const before = await serve()
const tokens = await forEach(clients, 8, () => register(before))
await before.stop()

const server = await serve()
const warm = await forEach(50, 50, async () => connect(server, tokens[0] ?? ""))
for (const socket of warm) socket.disconnect()
const empty = await settled(server)
const sockets = await forEach(clients, 100, (number) => connect(server, tokens[number] ?? ""))
const full = await settled(server)
const kilobytes = (full - empty) / clients / 1024
print(`${clients} clients: ${kilobytes.toFixed(1)} KB each (at most ${mostKilobytes})`)

const speakers = await forEach(streaming, 20, (number) => {
  const socket = sockets[number]
  if (socket === undefined) throw new Error("More are to stream than there are clients")
  return stream(server, socket, tokens[number] ?? "")
})
const cpu = server.cpu()
const begun = performance.now()
const streams = await Promise.all(speakers.map((speak) => speak()))
const seconds = (performance.now() - begun) / 1000
const chunks = streams.reduce((sum, one) => sum + one.chunks, 0)
const good = streams.filter(({ inOrder }) => inOrder).length
const firsts = streams.map(({ first }) => first)
print(`${good} of ${streaming} heard every event in order: ${chunks} pieces in ${seconds.toFixed(1)} s`)
print(
  `first piece after ${percentile(firsts, 50).toFixed(0)} ms, 95th ${percentile(firsts, 95).toFixed(0)} ms`,
)
print(`${(((server.cpu() - cpu) * 1000) / chunks).toFixed(0)} µs of the server's processor a piece`)
const here = sockets.filter(({ connected }) => connected).length
print(`${here} of ${clients} still connected; ${(server.memory() / 1048576).toFixed(0)} MB resident`)

for (const socket of sockets) socket.disconnect()
await Promise.all([server.stop(), provider.stop()])
await postgres.stop()
process.exit(good === streaming && here === clients && kilobytes <= mostKilobytes ? 0 : 1)
