/**
 * Measures the time to first token that Parley adds to the provider's own, one stream at a time, on
 * a PostgreSQL server; and that of a hand-written proxy that persists as much.
 * `bun test/bench/first-token.ts [streams]`
 */
import { startPostgres } from "../support/PostgresServer"
import {
  openChat,
  percentile,
  print,
  signIn,
  startParley,
  startProgram,
  startProvider,
} from "./support/Processes"

const streams = Number(process.argv[2] ?? 300)

const postgres = await startPostgres({ durable: true })
const provider = await startProvider("--deltas", "3", "--every", "0")
const parley = await startParley(postgres.url, provider.url)
const program = await startProgram("test/bench/programs/promptStoringProxy.ts", {
  DATABASE_URL: postgres.url,
  PROVIDER: provider.url,
})
const { headers } = await signIn(parley.url)

/** Returns the milliseconds until the stream contains `marker`. */
const timeUntil = async (marker: string, open: () => Promise<Response>) => {
  const startedAt = performance.now()
  const reader = (await open()).body?.getReader()
  const decoder = new TextDecoder()
  for (let text = ""; ; ) {
    const { value, done } = (await reader?.read()) ?? { value: undefined, done: true }
    if (done) throw new Error("The stream ended before its first token")
    text += decoder.decode(value, { stream: true })
    if (!text.includes(marker)) continue
    const elapsed = performance.now() - startedAt
    while (!(await reader?.read())?.done);
    return elapsed
  }
}

const direct = () =>
  timeUntil('"content":"word', () =>
    fetch(`${provider.url}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "scripted", stream: true, messages: [{ role: "user", content: "hi" }] }),
    }),
  )
const throughHandWritten = () => timeUntil('"content":"word', () => fetch(`${program.url}/stream?content=hi`))
let chat = ""
const throughParley = () =>
  timeUntil('"role":"assistant"', () =>
    fetch(`${parley.url}/api/chats/${chat}/messages/stream?content=hi`, { headers }),
  )

const added: Array<number> = []
const addedByHandWritten: Array<number> = []
const providerTimes: Array<number> = []
for (let stream = 0; stream < streams + 50; stream++) {
  if (stream % 20 === 0) chat = await openChat(parley.url, headers)
  const base = await direct()
  const handWritten = await throughHandWritten()
  const parleyTime = await throughParley()
  if (stream < 50) continue
  providerTimes.push(base)
  added.push(parleyTime - base)
  addedByHandWritten.push(handWritten - base)
}
print(`provider alone: median ${percentile(providerTimes, 50).toFixed(2)} ms`)
const spread = (times: ReadonlyArray<number>) =>
  `median ${percentile(times, 50).toFixed(2)} ms, 95th percentile ${percentile(times, 95).toFixed(2)} ms`
print(`added by the hand-written proxy: ${spread(addedByHandWritten)}`)
print(`added by Parley: ${spread(added)} (at most 3 and 8)`)
const hundreds = Array.from({ length: Math.floor(streams / 100) }, (_, index) => index * 100)
const medians = hundreds.map((from) => percentile(added.slice(from, from + 100), 50).toFixed(2))
print(`medians of each hundred streams: ${medians.join(", ")} ms`)

await Promise.all([parley.stop(), program.stop(), provider.stop()])
await postgres.stop()
