import { expect } from "bun:test"
import { connect, createServer, type Socket } from "node:net"
import * as Reactivity from "@effect/experimental/Reactivity"
import { Context, Effect, Fiber, Layer, Logger, LogLevel, Redacted, TestClock } from "effect"
import { Health } from "../../../src/domain/operations/Health"
import { openPostgres } from "../../../src/infra/postgres/openPostgres"
import { postgresUnavailable, serverUrl } from "../../support/Database"
import { it } from "../../support/it"

/** Starts a proxy to a database server that stops forwarding on `stop`. */
const startProxy = (to: URL) =>
  Effect.acquireRelease(
    Effect.async<{ readonly port: number; stop(): void; close(): void }>((resume) => {
      const sockets = new Set<Socket>()
      const server = createServer((client) => {
        const database = connect(Number(to.port), to.hostname)
        for (const socket of [client, database]) sockets.add(socket.on("error", () => {}))
        client.pipe(database).pipe(client)
      })
      const stop = () => {
        for (const socket of sockets) socket.unpipe().pause()
      }
      const close = () => {
        for (const socket of sockets) socket.destroy()
        server.close()
      }
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" ? (address?.port ?? 0) : 0
        resume(Effect.succeed({ port, stop, close }))
      })
    }),
    ({ close }) => Effect.sync(close),
  )

it.effect(
  "Health reports an unresponsive database after two seconds, while its query is still pending",
  () =>
    Effect.gen(function* () {
      const url = new URL(yield* Effect.promise(serverUrl))
      const proxy = yield* startProxy(new URL(url))
      url.host = `127.0.0.1:${proxy.port}`
      const database = Layer.scopedContext(openPostgres(Redacted.make(url.href), 1))
      const health = Layer.provide(Health.Default, Layer.provide(database, Reactivity.layer))
      const { isDatabaseReachable: check } = yield* Effect.map(Layer.build(health), Context.get(Health))
      // Runs before the pool closes, which waits for pending queries.
      yield* Effect.addFinalizer(() => Effect.sync(proxy.close))
      expect(yield* check).toBe(true)
      proxy.stop()
      const pending = yield* Effect.fork(check)
      yield* TestClock.adjust("2 seconds")
      expect(yield* Fiber.join(pending)).toBe(false)
    }).pipe(Logger.withMinimumLogLevel(LogLevel.None)),
  { timeout: 30_000, skipReason: postgresUnavailable },
)
