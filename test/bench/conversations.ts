/**
 * What much costs, over HTTP, on a PostgreSQL server: the list of conversations of someone who has
 * 100,000 of them against that of someone who has 100, and searches in 1,000,000 messages of the
 * former and in 1,000 among them of the latter; with the plans of the searches.
 * `bun test/bench/conversations.ts [rounds]`
 */
import * as Reactivity from "@effect/experimental/Reactivity"
import { Effect, Layer, Redacted } from "effect"
import { serverDatabase } from "../../src/infra/postgres/Postgres"
import * as Server from "../support/App"
import { App } from "../support/App"
import { startPostgres } from "../support/PostgresServer"
import { fill } from "./support/Messages"
import { printPlans, tellPlans } from "./support/Plans"
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
const deep = ["?page=last", "?page=middle"]
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

/** What costs most: often said, but only long ago; and two common words that are seldom said together. */
const worst = ["millennium", "server datab"]

const postgres = await startPostgres()
const provider = await startProvider()
const parley = await startParley(postgres.url, provider.url)
const much = { ...(await signIn(parley.url, "much@example.com")), conversations: 100_000 }
const little = { ...(await signIn(parley.url, "little@example.com")), conversations: 100 }
type Person = typeof much

const begun = performance.now()
await fill(postgres.url, much, little)
print(
  `1,001,000 messages in 100,100 conversations, written in ${((performance.now() - begun) / 1000).toFixed(0)} s`,
)

const ask = async ({ headers }: Person, path: string) => {
  const begun = performance.now()
  const response = await fetch(parley.url + path, { headers })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${text}`)
  return { took: performance.now() - begun, total: Number(JSON.parse(text).total) }
}
const ms = (value: number) => `${value.toFixed(1)} ms`.padStart(9)

print("\nlists, 95th percentiles: of 100, of 100,000, ratio")
for (const list of [...lists, ...deep]) {
  const took = { little: [] as Array<number>, much: [] as Array<number> }
  const page = ({ conversations }: Person) =>
    Math.floor((conversations * 0.95) / 20 / (list.endsWith("middle") ? 2 : 1))
  const path = (person: Person) =>
    `/api/conversations${list.replace(/(?<==)(last|middle)$/, String(page(person)))}`
  for (let round = -20; round < rounds; round++) {
    const pair = { little: await ask(little, path(little)), much: await ask(much, path(much)) }
    if (round < 0) continue
    took.little.push(pair.little.took)
    took.much.push(pair.much.took)
  }
  const [ofFew, ofMany] = [percentile(took.little, 95), percentile(took.much, 95)]
  print(
    `${ms(ofFew)} ${ms(ofMany)} ${(ofMany / ofFew).toFixed(2).padStart(7)}${deep.includes(list) ? "" : " (at most 1.3)"}  ${list}`,
  )
}

print("\nsearches, at most 50 ms: median and 95th percentile among 1,000,000, and of 1,000 among them")
for (const typed of [...searches, ...worst]) {
  const path = `/api/conversations/search/messages?q=${encodeURIComponent(typed)}`
  const line: Array<string> = []
  for (const person of [much, little]) {
    const answers = []
    for (let round = 0; round < Math.max(rounds / 10, 10); round++) answers.push(await ask(person, path))
    const took = answers.map((answer) => answer.took)
    line.push(
      `${ms(percentile(took, 50))} ${ms(percentile(took, 95))} ${String(answers[0]?.total).padStart(3)} found`,
    )
  }
  print(`${line.join("  ")}  ${typed}${worst.includes(typed) ? " (no limit)" : ""}`)
}
await Promise.all([parley.stop(), provider.stop()])

await tellPlans(postgres.url)
printPlans((statement) => /search_query/.test(statement))
const database = Layer.scopedContext(serverDatabase(Redacted.make(postgres.url), 5))
const plans = Effect.gen(function* () {
  const app = yield* App
  for (const email of ["much@example.com", "little@example.com"]) {
    const signedIn = yield* app.request("POST", "/api/auth/login", {
      body: { email, password: "yourPassword" },
    })
    const token = signedIn.at("token")
    for (const typed of ["zephyrine", "deployment", "th"]) {
      print(`\n${email} searches for "${typed}"`)
      yield* app.request("GET", `/api/conversations/search/messages?q=${typed}`, { token })
    }
  }
})
await Effect.runPromise(Effect.provide(plans, Server.layer({}, Layer.provide(database, Reactivity.layer))))
await postgres.stop()
