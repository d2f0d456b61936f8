import { Effect } from "effect"

/** Collects garbage repeatedly, then returns the resident memory in bytes. */
export const residentMemory = Effect.gen(function* () {
  for (let round = 0; round < 5; round++) {
    Bun.gc(true)
    yield* Effect.sleep("100 millis")
  }
  return process.memoryUsage.rss()
})

/**
 * Returns by how many KB of resident memory this process grows per client. `command` starts the clients,
 * prints once all are connected, and keeps them connected until it is killed.
 */
export const memoryPerClient = (command: ReadonlyArray<string>, clients: number) =>
  Effect.gen(function* () {
    const before = yield* residentMemory
    const child = Bun.spawn([process.execPath, ...command, String(clients)], { stdout: "pipe" })
    yield* Effect.promise(() => child.stdout.getReader().read())
    const after = yield* residentMemory
    child.kill()
    yield* Effect.promise(() => child.exited)
    return (after - before) / clients / 1024
  })
