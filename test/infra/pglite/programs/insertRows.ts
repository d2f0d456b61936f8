// Inserts rows until killed, printing the number of each after its commit.
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { configProviderFromEnv } from "../../../../src/domain/shared/ConfigHelpers"
import { layer } from "../../../../src/infra/Database"

await Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`create table if not exists written (n int primary key)`
  const [last] = yield* sql<{ n: number | null }>`select max(n) as n from written`
  for (let n = (last?.n ?? 0) + 1; ; n++) {
    yield* sql`insert into written values (${n})`
    process.stdout.write(`${n}\n`)
  }
}).pipe(
  Effect.provide(layer),
  Effect.withConfigProvider(configProviderFromEnv(process.env)),
  Effect.runPromise,
)
