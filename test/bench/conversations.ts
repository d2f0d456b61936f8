/**
 * Measures how the cost grows with data, over HTTP on a PostgreSQL server: lists of a user with
 * 100,000 conversations against one with 100, and searches in the 1,000,000 messages of the former
 * and the 1,000 of the latter; prints the plans of the searches.
 * `bun test/bench/conversations.ts [rounds]`
 */
import * as Reactivity from "@effect/experimental/Reactivity"
import { Effect, Layer, Redacted } from "effect"
import { postgresDatabase } from "../../src/infra/postgres/Postgres"
import * as Server from "../support/App"
import { App } from "../support/App"
import { startPostgres } from "../support/PostgresServer"
import { fill } from "./support/Messages"
import { enableAutoExplain, printPlans } from "./support/Plans"
import { percentile, print, signIn, startParley, startProvider } from "./support/Processes"

const rounds = Number(process.argv[2] ?? 200)

const sorts = ["last_message_at", "created_at", "message_count", "title"]
const lists = [
  ...sorts.map((sort) => `?sort=${sort}`),
  ...sorts.map((sort) => `?sort=${sort}&archived=true`),
  "?folder_id=work",
  "?folder_id=work&archived=true&sort=title&limit=5",
  "?search=invoice",
  "?page=2",
]
const deepPages = ["?page=last", "?page=middle"]
const searches = [
  "zephyrine",
  "deployment",
  "threshold",
  "pagination",
  "quarterly",
  "nowhere to be found",
  "the",
  "e",
  "th",
  "qx",
  "jq",
  "100% sure_",
  "%",
  "%_",
  "привет, ЁЖ",
  "ёж",
  "日本",
  "本",
  "漢字",
]

/** The most expensive terms: one frequent only in old messages, and two frequent words that rarely follow each other. */
const worstCases = ["millennium", "server datab"]

const postgres = await startPostgres()
const provider = await startProvider()
const parley = await startParley(postgres.url, provider.url)
const largeUser = { ...(await signIn(parley.url, "large@example.com")), conversations: 100_000 }
const smallUser = { ...(await signIn(parley.url, "small@example.com")), conversations: 100 }
type BenchUser = typeof largeUser

const startedAt = performance.now()
await fill(postgres.url, largeUser, smallUser)
print(
  `1,001,000 messages in 100,100 conversations, inserted in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`,
)

const request = async ({ headers }: BenchUser, path: string) => {
  const startedAt = performance.now()
  const response = await fetch(parley.url + path, { headers })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${path} returned ${response.status}: ${text}`)
  return { elapsed: performance.now() - startedAt, total: Number(JSON.parse(text).total) }
}
const ms = (value: number) => `${value.toFixed(1)} ms`.padStart(9)

print("\nlists, 95th percentiles: of 100, of 100,000, ratio")
for (const list of [...lists, ...deepPages]) {
  const elapsed = { small: [] as Array<number>, large: [] as Array<number> }
  const page = ({ conversations }: BenchUser) =>
    Math.floor((conversations * 0.95) / 20 / (list.endsWith("middle") ? 2 : 1))
  const path = (user: BenchUser) =>
    `/api/conversations${list.replace(/(?<==)(last|middle)$/, String(page(user)))}`
  for (let round = -20; round < rounds; round++) {
    const pair = {
      small: await request(smallUser, path(smallUser)),
      large: await request(largeUser, path(largeUser)),
    }
    if (round < 0) continue
    elapsed.small.push(pair.small.elapsed)
    elapsed.large.push(pair.large.elapsed)
  }
  const [small95th, large95th] = [percentile(elapsed.small, 95), percentile(elapsed.large, 95)]
  print(
    `${ms(small95th)} ${ms(large95th)} ${(large95th / small95th).toFixed(2).padStart(7)}${deepPages.includes(list) ? "" : " (at most 1.3)"}  ${list}`,
  )
}

print("\nsearches, at most 50 ms: median and 95th percentile among 1,000,000, and of 1,000 among them")
for (const term of [...searches, ...worstCases]) {
  const path = `/api/conversations/search/messages?q=${encodeURIComponent(term)}`
  const line: Array<string> = []
  for (const user of [largeUser, smallUser]) {
    const responses = []
    for (let round = 0; round < Math.max(rounds / 10, 10); round++) responses.push(await request(user, path))
    const elapsed = responses.map((response) => response.elapsed)
    line.push(
      `${ms(percentile(elapsed, 50))} ${ms(percentile(elapsed, 95))} ${String(responses[0]?.total).padStart(3)} found`,
    )
  }
  print(`${line.join("  ")}  ${term}${worstCases.includes(term) ? " (no limit)" : ""}`)
}
await Promise.all([parley.stop(), provider.stop()])

await enableAutoExplain(postgres.url)
printPlans((statement) => /search_query/.test(statement))
const database = Layer.scopedContext(postgresDatabase(Redacted.make(postgres.url), 5))
const explainSearches = Effect.gen(function* () {
  const app = yield* App
  for (const email of ["large@example.com", "small@example.com"]) {
    const login = yield* app.request("POST", "/api/auth/login", {
      body: { email, password: "yourPassword" },
    })
    const token = login.at("token")
    for (const term of ["zephyrine", "deployment", "th"]) {
      print(`\n${email} searches for "${term}"`)
      yield* app.request("GET", `/api/conversations/search/messages?q=${term}`, { token })
    }
  }
})
await Effect.runPromise(
  Effect.provide(explainSearches, Server.layer({}, Layer.provide(database, Reactivity.layer))),
)
await postgres.stop()
