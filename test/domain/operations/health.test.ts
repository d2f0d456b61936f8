import { expect } from "bun:test"
import * as Reactivity from "@effect/experimental/Reactivity"
import { SqlClient } from "@effect/sql"
import { Context, Effect, Fiber, Layer, Logger, LogLevel, Redacted, TestClock } from "effect"
import { BlobStore, StorageFailed } from "../../../src/domain/files/BlobStore"
import { Health } from "../../../src/domain/operations/Health"
import * as IdGenerator from "../../../src/infra/crypto/Ids"
import { openPostgres } from "../../../src/infra/postgres/openPostgres"
import * as Database from "../../support/Database"
import { postgresUnavailable, serverUrl } from "../../support/Database"
import { startDatabaseProxy } from "../../support/DatabaseProxy"
import { it } from "../../support/it"

it.effect(
  "Health reports an unresponsive database after two seconds, while its query is still pending",
  () =>
    Effect.gen(function* () {
      const proxy = yield* startDatabaseProxy(yield* Effect.promise(serverUrl))
      const database = Layer.scopedContext(openPostgres(Redacted.make(proxy.url), 1))
      const health = Health.Default.pipe(
        Layer.provide(Layer.provide(database, Reactivity.layer)),
        Layer.provide(Layer.mock(BlobStore, {})),
        Layer.provide(IdGenerator.layer),
      )
      const { isDatabaseWritable: check } = yield* Effect.map(Layer.build(health), Context.get(Health))
      // Runs before the pool closes, which waits for pending queries.
      yield* Effect.addFinalizer(() => Effect.sync(proxy.close))
      expect(yield* check).toBe(true)
      proxy.pause()
      const pending = yield* Effect.fork(check)
      yield* TestClock.adjust("2 seconds")
      expect(yield* Fiber.join(pending)).toBe(false)
    }).pipe(Logger.withMinimumLogLevel(LogLevel.None)),
  { timeout: 30_000, skipReason: postgresUnavailable },
)

it.live("Health reports a database that is read-only and a storage that cannot be written", () =>
  Effect.gen(function* () {
    const full = Layer.mock(BlobStore, {
      put: () => new StorageFailed({ cause: "ENOSPC" }),
      remove: () => Effect.void,
    })
    const services = Health.Default.pipe(
      Layer.provide(full),
      Layer.provide(IdGenerator.layer),
      Layer.provideMerge(Database.layer),
    )
    const context = yield* Layer.build(services)
    const { isDatabaseWritable, isStorageWritable } = Context.get(context, Health)
    const sql = Context.get(context, SqlClient.SqlClient)
    expect(yield* isStorageWritable).toBe(false)
    expect(yield* isDatabaseWritable).toBe(true)
    const readOnly = Effect.zipRight(sql`set local transaction_read_only = on`, isDatabaseWritable)
    expect(yield* sql.withTransaction(readOnly)).toBe(false)
  }).pipe(Effect.scoped, Logger.withMinimumLogLevel(LogLevel.None)),
)
