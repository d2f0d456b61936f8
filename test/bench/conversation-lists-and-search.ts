/**
 * Measures lists of a user with 10,000 conversations, and searches in the 1,000,000 messages of that
 * user and the 1,000 of another, over HTTP on a PostgreSQL server or, with `embedded`, on PGlite; prints
 * the plans of searches on the server. `bun test/bench/conversation-lists-and-search.ts [rounds] [embedded]`
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Reactivity from "@effect/experimental/Reactivity"
import { Effect, Layer, Redacted } from "effect"
import { Client } from "pg"
import { openFolder } from "../../src/infra/pglite/createPglite"
import { openPostgres } from "../../src/infra/postgres/openPostgres"
import * as Server from "../support/App"
import { App } from "../support/App"
import { startPostgres } from "../support/PostgresServer"
import { fill } from "./support/fillMessages"
import { percentile, print, signIn, startParley, startProvider } from "./support/Processes"
import { enableAutoExplain, printPlans } from "./support/QueryPlans"

const rounds = Number(process.argv[2] ?? 200)

const sorts = ["last_message_at", "created_at", "message_count", "title"]
const lists = [
  ...sorts.map((sort) => `?sort=${sort}`),
  ...sorts.map((sort) => `?sort=${sort}&archived=true`),
  "?folder_id=work",
  "?folder_id=work&archived=true&sort=title&limit=5",
  "?search=invoice",
  "?page=2",
  "?page=180",
  "?page=370",
  "?page=370&sort=title",
]
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

const isEmbedded = process.argv[3] === "embedded"
const dataDir = mkdtempSync(join(tmpdir(), "parley-bench-"))
const postgres = isEmbedded ? undefined : await startPostgres()
const provider = await startProvider()

const fillDatabase = async () => {
  if (postgres === undefined) {
    const database = await openFolder(join(dataDir, "postgres"))
    await fill((text, values) => database.query(text, values), largeUser, smallUser)
    await database.close()
  } else {
    const database = new Client(postgres.url)
    await database.connect()
    await fill((text, values) => database.query(text, values), largeUser, smallUser)
    await database.end()
  }
}

const start = () => startParley(postgres?.url ?? "", provider.url, { DATA_DIR: dataDir })
const emptyParley = await start()
const largeUser = { ...(await signIn(emptyParley.url, "large@example.com")), conversations: 10_000 }
const smallUser = { ...(await signIn(emptyParley.url, "small@example.com")), conversations: 10 }
type BenchUser = typeof largeUser
await emptyParley.stop()

const startedAt = performance.now()
await fillDatabase()
print(
  `1,001,000 messages in 10,010 conversations, inserted in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`,
)
const parley = await start()

const request = async ({ headers }: BenchUser, path: string) => {
  const startedAt = performance.now()
  const response = await fetch(parley.url + path, { headers })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${path} returned ${response.status}: ${text}`)
  return { elapsed: performance.now() - startedAt, total: Number(JSON.parse(text).total) }
}
const ms = (value: number) => `${value.toFixed(1)} ms`.padStart(9)

print("\nlists, at most 25 ms: median and 95th percentile")
for (const list of lists) {
  const elapsed: Array<number> = []
  for (let round = -20; round < rounds; round++) {
    const response = await request(largeUser, `/api/conversations${list}`)
    if (round >= 0) elapsed.push(response.elapsed)
  }
  print(`${ms(percentile(elapsed, 50))} ${ms(percentile(elapsed, 95))}  ${list}`)
}

print("\nsearches, at most 100 ms: median and 95th percentile among 1,000,000, and of 1,000 among them")
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

if (postgres !== undefined) {
  await enableAutoExplain(postgres.url)
  printPlans((statement) => /search_query/.test(statement))
  const database = Layer.scopedContext(openPostgres(Redacted.make(postgres.url), 5))
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
}
rmSync(dataDir, { recursive: true })
