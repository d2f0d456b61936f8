/**
 * Measures searches across everything of a user with 100,000 chats, documents and files each, among
 * 1,000,000 messages, over HTTP on a PostgreSQL server, against the same searches of a user with a
 * hundredth of that; prints the plans of the slowest. `bun test/bench/search.ts [rounds]`
 */
import * as Reactivity from "@effect/experimental/Reactivity"
import { Effect, Layer, Redacted } from "effect"
import { Client } from "pg"
import { openPostgres } from "../../src/infra/postgres/openPostgres"
import * as Server from "../support/App"
import { App } from "../support/App"
import { startPostgres } from "../support/PostgresServer"
import { fill, fillLibrary } from "./support/fillMessages"
import { percentile, print, signIn, startParley, startProvider } from "./support/Processes"
import { enableAutoExplain, printPlans } from "./support/QueryPlans"

const rounds = Number(process.argv[2] ?? 40)

const terms = {
  "in every text": "the",
  "in a tenth": "deployment",
  "in a hundredth": "threshold",
  "in a ten thousandth": "zephyrine",
  "no hit": "nowhere to be found",
  "one character": "e",
  "one rare character": "本",
  "two characters": "th",
  "two rare characters": "qx",
  Chinese: "日本語",
  percent: "%",
  underscore: "_",
  "percent and underscore": "100% sure_",
}
const types = ["", "chat", "message", "project", "document", "file"]

const postgres = await startPostgres()
const provider = await startProvider()
const parley = await startParley(postgres.url, provider.url)
const large = { ...(await signIn(parley.url, "large@example.com")), conversations: 100_000 }
const small = { ...(await signIn(parley.url, "small@example.com")), conversations: 1000 }

const startedAt = performance.now()
const database = new Client(postgres.url)
await database.connect()
const query = (text: string, values?: Array<unknown>) => database.query(text, values)
await fill(query, large, small, 10)
for (const { userId, conversations } of [large, small]) await fillLibrary(query, userId, conversations)
await database.end()
print(
  `1,010,000 messages, 101,000 chats, documents and files each, inserted in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`,
)

const pathOf = (term: string, type: string) =>
  `/api/search?q=${encodeURIComponent(term)}${type === "" ? "" : `&type=${type}`}`

const measure = async ({ headers }: typeof large, path: string) => {
  const elapsed: Array<number> = []
  let total = 0
  for (let round = -5; round < rounds; round++) {
    const startedAt = performance.now()
    const response = await fetch(parley.url + path, { headers })
    const text = await response.text()
    if (response.status !== 200) throw new Error(`${path} returned ${response.status}: ${text}`)
    total = Number(JSON.parse(text).total)
    if (round >= 0) elapsed.push(performance.now() - startedAt)
  }
  return { median: percentile(elapsed, 50), p95: percentile(elapsed, 95), total }
}
const ms = (value: number) => `${value.toFixed(1)} ms`.padStart(9)

print("\nat most 100 ms: median, 95th percentile, median against a user with a hundredth, matches")
const results = []
for (const [kind, term] of Object.entries(terms)) {
  for (const type of types) {
    const path = pathOf(term, type)
    const result = await measure(large, path)
    const baseline = await measure(small, path)
    results.push({ path, ...result })
    print(
      `${ms(result.median)} ${ms(result.p95)} ${(result.median / baseline.median).toFixed(1).padStart(6)} ${String(result.total).padStart(5)}  ${type || "everything"}, ${kind}: ${term}`,
    )
  }
}
await Promise.all([parley.stop(), provider.stop()])

const [slowest] = results.toSorted((one, other) => other.p95 - one.p95)
print(`\nthe slowest, ${slowest?.path}: ${ms(slowest?.p95 ?? Number.NaN)}`)
await enableAutoExplain(postgres.url)
printPlans((statement) => /search_text/.test(statement))
const explain = Effect.gen(function* () {
  const app = yield* App
  const body = { email: "large@example.com", password: "yourPassword" }
  const login = yield* app.request("POST", "/api/auth/login", { body })
  yield* app.request("GET", slowest?.path ?? "", { token: login.at("token") })
})
const layer = Server.layer(
  {},
  Layer.provide(Layer.scopedContext(openPostgres(Redacted.make(postgres.url), 5)), Reactivity.layer),
)
await Effect.runPromise(Effect.provide(explain, layer))
await postgres.stop()
