/**
 * Measures the administrators' pages, over HTTP on a PostgreSQL server: 2,000 users whose usage totals
 * are those of three models a day for a year, 2,190,000 messages in all, and 100,000 conversations
 * without message rows, which no measured page reads. Prints the plans of the queries.
 * `bun test/bench/admin-pages.ts [rounds]`
 */
import * as Reactivity from "@effect/experimental/Reactivity"
import { SqlClient } from "@effect/sql"
import { Duration, Effect, Layer, Redacted } from "effect"
import { openPostgres } from "../../src/infra/postgres/openPostgres"
import * as Server from "../support/App"
import { App } from "../support/App"
import { startPostgres } from "../support/PostgresServer"
import { median, print } from "./support/Processes"
import { enableAutoExplain, printPlans } from "./support/QueryPlans"

const rounds = Number(process.argv[2] ?? 5)

const analytics = "/api/admin/analytics"
const user = "00000000-0000-7000-8000-000000000001"
const paths = [
  ...[30, 365, 3650].flatMap((days) => [
    `${analytics}?days=${days}`,
    `${analytics}/costs?days=${days}`,
    ...["day", "week", "month"].map((by) => `${analytics}/timeseries?days=${days}&granularity=${by}`),
  ]),
  "/api/admin/users?page=50",
  "/api/admin/users?search=person%20199",
  `/api/admin/users/${user}`,
  `/api/admin/users/${user}/history?page=2`,
  "/api/admin/audit-logs?skip=20",
]

const fill = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`
    insert into users (id, email, username, name, password_hash, created_at)
    select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'person' || n || '@example.com', 'person' || n,
      'Person ' || n, '', now() - (2000 - n) * interval '4 hours'
    from generate_series(1, 2000) n`
  yield* sql`
    insert into usage_accounts (user_id, tokens_limit, tokens_used, messages_sent)
    select id, -1, 365 * 3 * 1000, 365 * 3 from users where password_hash = ''`
  yield* sql`
    insert into conversations (id, user_id, title, message_count, created_at)
    select gen_random_uuid(), ('00000000-0000-7000-8000-' || lpad((n % 2000 + 1)::text, 12, '0'))::uuid,
      'Conversation ' || n, 22, now() - (100000 - n) * interval '5 minutes'
    from generate_series(1, 100000) n`
  // The trigger takes minutes over a year of rows; its totals are inserted directly below.
  yield* sql`alter table usage_days disable trigger update_usage_totals`
  yield* sql`
    insert into usage_days (day, user_id, model, requests, messages, prompt_tokens, completion_tokens, cost_usd)
    select day, u.id, model, 1, 1, 700, 300, 0.00123
    from generate_series((now() at time zone 'UTC')::date - 364, (now() at time zone 'UTC')::date, '1 day') day,
      users u, unnest(array['openai/gpt-4o-mini', 'anthropic/claude-3-sonnet', 'ollama/llama3.2']) model
    where u.password_hash = ''`
  yield* sql`
    insert into usage_totals
    select day, model, hashtext(user_id::text) & 15, sum(requests), sum(messages), sum(prompt_tokens),
      sum(completion_tokens), sum(cost_usd)
    from usage_days group by 1, 2, 3`
  yield* sql`update usage_accounts set last_used_on = (now() at time zone 'UTC')::date`
  yield* sql`alter table usage_days enable trigger update_usage_totals`
  yield* sql`vacuum analyze`
  const [count] = yield* sql<{ rows: number; messages: number }>`
    select count(*)::int as rows, sum(messages)::int as messages from usage_days`
  print(`${count?.messages} messages in ${count?.rows} rows`)
})

/** Makes a filter for the statements of lists and totals that accepts each statement once. */
const makeStatementFilter = () => {
  const seen = new Set<string>()
  return (text: string) => {
    const isMeasured =
      /usage_totals|usage_accounts|conversations|audit_log/.test(text) && !/insert/.test(text)
    if (!isMeasured || seen.has(text)) return false
    seen.add(text)
    return true
  }
}

const measure = Effect.gen(function* () {
  const app = yield* App
  yield* fill
  const { token } = yield* app.newAdmin()
  const worst: Array<number> = []
  for (const path of paths) {
    const times = yield* Effect.replicateEffect(
      Effect.flatMap(Effect.timed(app.request("GET", path, { token })), ([time, { status, text }]) =>
        status === 200 ? Effect.succeed(Duration.toMillis(time)) : Effect.dieMessage(`${path}: ${text}`),
      ),
      rounds,
    )
    worst.push(Math.max(...times))
    print(`${median(times).toFixed(0).padStart(5)} ms  ${path}`)
  }
  print(`slowest ${Math.max(...worst).toFixed(0)} ms (at most 1000)`)
})

const requestAll = Effect.gen(function* () {
  const app = yield* App
  const { token } = yield* app.newAdmin()
  yield* Effect.forEach(paths, (path) => app.request("GET", path, { token }))
})

const postgres = await startPostgres()

const run = (effect: Effect.Effect<void, unknown, Layer.Layer.Success<ReturnType<typeof Server.layer>>>) => {
  const database = Layer.scopedContext(openPostgres(Redacted.make(postgres.url), 5))
  const serverLayer = Server.layer({}, Layer.provide(database, Reactivity.layer))
  return Effect.runPromise(Effect.provide(effect, serverLayer))
}

await run(measure)
await enableAutoExplain(postgres.url)
printPlans(makeStatementFilter())
await run(requestAll)
await postgres.stop()
