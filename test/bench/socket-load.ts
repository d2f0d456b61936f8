/**
 * Measures the delivery of messages over PlexiChat's WebSockets: 1,000 sockets in 100 channels of 10 members, and
 * 200 messages per second sent over them. Every socket must get every message of its channel once and in the
 * order of the others. The baseline is a server that only passes messages on, without storing or checking them.
 * `bun test/bench/socket-load.ts [seconds]`
 */
import { startPostgres } from "../support/PostgresServer"
import {
  type MeasuredServer,
  percentile,
  print,
  signIn,
  startParley,
  startProgram,
  startProvider,
} from "./support/Processes"

const seconds = Number(process.argv[2] ?? 60)
const CHANNELS = 100
const MEMBERS = 10
const MESSAGES_PER_SECOND = 200
const total = seconds * MESSAGES_PER_SECOND

interface Channel {
  readonly id: string
  readonly tokens: ReadonlyArray<string>
}

/** Creates the channels. Each user is in ten of them. */
const createChannels = async (url: string): Promise<ReadonlyArray<Channel>> => {
  const users: Array<Awaited<ReturnType<typeof signIn>>> = []
  while (users.length < CHANNELS)
    users.push(...(await Promise.all(Array.from({ length: 4 }, () => signIn(url)))))
  const post = async (headers: Record<string, string>, path: string, body: unknown) => {
    const response = await fetch(url + path, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(body),
    })
    if (response.status !== 201) throw new Error(`${path} returned ${response.status}`)
    return (await response.json()) as { data: { id: string } }
  }
  return Promise.all(
    users.map(async ({ headers }, index) => {
      const members = Array.from({ length: MEMBERS }, (_, n) => users[(index + n) % users.length])
      const { data } = await post(headers, "/v1/channels", { name: `channel ${index}`, is_private: true })
      for (const member of members.slice(1))
        await post(headers, `/v1/channels/${data.id}/members`, { user_id: member?.userId })
      return { id: data.id, tokens: members.map((member) => member?.headers.authorization.slice(7) ?? "") }
    }),
  )
}

/** Opens all sockets and sends the messages. Returns what arrived where, and how long each took in milliseconds. */
const run = async ({ url, cpu }: MeasuredServer, channels: ReadonlyArray<Channel>) => {
  const sentAt = new Float64Array(total)
  const latencies: Array<number> = []
  const open = (channel: Channel, token: string) =>
    new Promise<{ socket: WebSocket; received: Array<number> }>((resolve, reject) => {
      const socket = new WebSocket(`${url.replace("http", "ws")}/v1/ws/channels/${channel.id}?token=${token}`)
      const received: Array<number> = []
      socket.onmessage = ({ data }) => {
        const now = performance.now()
        const frame = JSON.parse(String(data))
        if (frame.type === "ready") resolve({ socket, received })
        if (frame.type !== "message.created") return
        const message = Number(frame.data.content)
        latencies.push(now - (sentAt[message] ?? Number.NaN))
        received.push(message)
      }
      socket.onerror = () => reject(new Error("A socket could not be opened"))
    })
  const sockets: Array<Array<Awaited<ReturnType<typeof open>>>> = []
  for (const channel of channels)
    sockets.push(await Promise.all(channel.tokens.map((token) => open(channel, token))))
  // Events are held back for a second from clients that may want to resume.
  await Bun.sleep(1500)

  const cpuBefore = cpu()
  const startedAt = performance.now()
  for (let message = 0; message < total; ) {
    const due = Math.min(total, ((performance.now() - startedAt) / 1000) * MESSAGES_PER_SECOND)
    for (; message < due; message++) {
      const members = sockets[message % CHANNELS]
      sentAt[message] = performance.now()
      members?.[Math.floor(message / CHANNELS) % MEMBERS]?.socket.send(
        JSON.stringify({ type: "message.send", data: { content: String(message) } }),
      )
    }
    await Bun.sleep(1)
  }
  const deadline = performance.now() + 30_000
  while (latencies.length < total * MEMBERS && performance.now() < deadline) await Bun.sleep(10)
  await Bun.sleep(200)
  const cpuTime = cpu() - cpuBefore
  let wrong = 0
  for (const members of sockets) {
    const [first] = members
    for (const { received, socket } of members) {
      if (received.join() !== first?.received.join() || new Set(received).size !== received.length) wrong++
      socket.close()
    }
  }
  return { latencies, wrong, cpuTime, missing: total * MEMBERS - latencies.length }
}

const report = (name: string, { latencies, wrong, missing, cpuTime }: Awaited<ReturnType<typeof run>>) => {
  const [p50, p95, p99] = [50, 95, 99].map((percent) => percentile(latencies, percent).toFixed(1))
  print(
    `${name.padEnd(10)} ${p50} ms median, ${p95} ms p95, ${p99} ms p99; ${missing} of ${total * MEMBERS} missing, ${wrong} of ${CHANNELS * MEMBERS} sockets with repeated or reordered messages; ${((cpuTime * 1000) / latencies.length).toFixed(0)} µs of processor time per delivery`,
  )
  return percentile(latencies, 95)
}

const relay = await startProgram("test/bench/programs/webSocketRelay.ts", {})
const someone = Array.from({ length: CHANNELS }, (_, id) => ({
  id: String(id),
  tokens: Array.from({ length: MEMBERS }, () => ""),
}))
const baseline = report("baseline", await run(relay, someone))
await relay.stop()

const postgres = await startPostgres()
const provider = await startProvider()
const parley = await startParley(postgres.url, provider.url)
const measured = report("Parley", await run(parley, await createChannels(parley.url)))
print(`at most 100 ms: ${measured.toFixed(1)} ms, ${(measured / baseline).toFixed(1)} times the baseline's`)
await Promise.all([parley.stop(), provider.stop()])
await postgres.stop()
process.exit(0)
