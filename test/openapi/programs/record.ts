import { join } from "node:path"
import { BunRuntime } from "@effect/platform-bun"
import { Console, Effect } from "effect"
import { recordExamples, server } from "../recordExamples"

const root = join(import.meta.dir, "../../..")

const write = Effect.fn(function* (path: string, examples: unknown) {
  const file = join(root, "src/api", path)
  yield* Effect.promise(() => Bun.write(file, `${JSON.stringify(examples, undefined, 2)}\n`))
  yield* Console.log(file)
})

/** Records examples of every operation on an empty server, and writes them to the files of the contracts. */
const record = Effect.gen(function* () {
  for (const { contract, operations, events } of yield* recordExamples) {
    yield* write(`${contract}/examples.json`, operations)
    if (events !== undefined) yield* write(`${contract}/Socket/examples.json`, events)
  }
})

// Shared test databases stay open and would keep the process alive.
BunRuntime.runMain(
  record.pipe(Effect.provide(server), Effect.scoped, Effect.zipRight(Effect.sync(() => process.exit(0)))),
)
