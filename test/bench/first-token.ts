/**
 * How much later the first token comes through Parley than from the provider itself, one stream
 * at a time, on a PostgreSQL server; and through a hand-written server that writes down as much first.
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
const program = await startProgram("test/bench/programs/storing.ts", {
  DATABASE_URL: postgres.url,
  PROVIDER: provider.url,
})
const { headers } = await signIn(parley.url)

/** Milliseconds until `mark` has come. */
const until = async (mark: string, open: () => Promise<Response>) => {
  const begun = performance.now()
  const reader = (await open()).body?.getReader()
  const decoder = new TextDecoder()
  for (let text = ""; ; ) {
    const { value, done } = (await reader?.read()) ?? { value: undefined, done: true }
    if (done) throw new Error("The stream ended before its first token")
    text += decoder.decode(value, { stream: true })
    if (!text.includes(mark)) continue
    const took = performance.now() - begun
    while (!(await reader?.read())?.done);
    return took
  }
}

const direct = () =>
  until('"content":"word', () =>
    fetch(`${provider.url}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "scripted", stream: true, messages: [{ role: "user", content: "hi" }] }),
    }),
  )
const byHand = () => until('"content":"word', () => fetch(`${program.url}/stream?content=hi`))
let chat = ""
const through = () =>
  until('"role":"assistant"', () =>
    fetch(`${parley.url}/api/chats/${chat}/messages/stream?content=hi`, { headers }),
  )

const added: Array<number> = []
const addedByHand: Array<number> = []
const own: Array<number> = []
for (let stream = 0; stream < streams + 50; stream++) {
  if (stream % 20 === 0) chat = await openChat(parley.url, headers)
  const base = await direct()
  const hand = await byHand()
  const ours = await through()
  if (stream < 50) continue
  own.push(base)
  added.push(ours - base)
  addedByHand.push(hand - base)
}
print(`the provider itself: median ${percentile(own, 50).toFixed(2)} ms`)
const spread = (times: ReadonlyArray<number>) =>
  `median ${percentile(times, 50).toFixed(2)} ms, 95th percentile ${percentile(times, 95).toFixed(2)} ms`
print(`added by hand: ${spread(addedByHand)}`)
print(`added by Parley: ${spread(added)} (at most 3 and 8)`)
const hundreds = Array.from({ length: Math.floor(streams / 100) }, (_, index) => index * 100)
const medians = hundreds.map((from) => percentile(added.slice(from, from + 100), 50).toFixed(2))
print(`its medians, each of a hundred streams: ${medians.join(", ")} ms`)

await Promise.all([parley.stop(), program.stop(), provider.stop()])
await postgres.stop()
