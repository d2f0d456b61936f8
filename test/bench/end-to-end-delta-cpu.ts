/**
 * Measures the CPU time per streamed delta, from provider to reader, against a Bun script that passes the
 * provider's bytes through: of a generation over SSE, and of a call without a conversation as NDJSON. 50 streams of 200 deltas, one every 20 ms.
 * `bun test/bench/end-to-end-delta-cpu.ts [rounds]`
 */
import { startPostgres } from "../support/PostgresServer"
import {
  type MeasuredServer,
  median,
  openChat,
  print,
  signIn,
  startParley,
  startProgram,
  startProvider,
} from "./support/Processes"

const rounds = Number(process.argv[2] ?? 5)
const deltaInterval = process.argv[3] ?? "20"
const streams = 50
const deltas = 200

const postgres = await startPostgres({ durable: true })
const provider = await startProvider("--deltas", String(deltas), "--every", deltaInterval)
const parley = await startParley(postgres.url, provider.url)
const passthrough = await startProgram("test/bench/programs/passthroughProxy.ts", { PROVIDER: provider.url })

const users: Array<{ readonly headers: Record<string, string>; readonly chat: string }> = []
for (let i = 0; i < streams; i++) {
  const { headers } = await signIn(parley.url)
  users.push({ headers, chat: await openChat(parley.url, headers) })
}

/** Returns the CPU time per delta in microseconds while all streams are read to their end. */
const measure = async (server: MeasuredServer, open: (index: number) => Promise<Response>) => {
  const before = server.cpu()
  const sizes = await Promise.all(
    Array.from({ length: streams }, async (_, index) => (await (await open(index)).text()).length),
  )
  if (sizes.some((size) => size < deltas)) throw new Error("A stream ended early")
  return ((server.cpu() - before) * 1000) / (streams * deltas)
}

const readParley = () =>
  measure(parley, async (index) => {
    const user = users[index]
    return fetch(`${parley.url}/api/chats/${user?.chat}/messages/stream?content=hi`, {
      headers: user?.headers ?? {},
    })
  })
const readLines = () =>
  measure(parley, async (index) =>
    fetch(`${parley.url}/api/llm/stream`, {
      method: "POST",
      headers: { ...users[index]?.headers, "content-type": "application/json" },
      body: JSON.stringify({ provider: "openai", messages: [{ role: "user", content: "hi" }] }),
    }),
  )
const readPassthrough = () => measure(passthrough, () => fetch(`${passthrough.url}/stream`))

await readPassthrough()
await readParley()
await readLines()
const results: Array<readonly [number, number, number]> = []
for (let round = 0; round < rounds; round++) {
  const costs = [await readPassthrough(), await readParley(), await readLines()] as const
  results.push(costs)
  print(
    `passthrough ${costs[0].toFixed(1)} µs, SSE ${costs[1].toFixed(1)} µs, NDJSON ${costs[2].toFixed(1)} µs, ratio ${(costs[1] / costs[0]).toFixed(2)}`,
  )
}
print(`NDJSON against SSE ${median(results.map(([, sse, lines]) => lines / sse)).toFixed(2)} (at most 1)`)
print(`median ratio ${median(results.map(([base, ours]) => ours / base)).toFixed(2)} (at most 4)`)

await Promise.all([parley.stop(), passthrough.stop(), provider.stop()])
await postgres.stop()
