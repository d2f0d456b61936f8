import { join } from "node:path"
import { BunRuntime } from "@effect/platform-bun"
import { Console, Effect } from "effect"
import { server, tell } from "../Story"

const root = join(import.meta.dir, "../../../..")

/** Performs every operation on an empty server and writes down what was asked and answered. */
const record = Effect.gen(function* () {
  const all = yield* tell
  for (const [contract, examples] of Object.entries(all)) {
    const file = join(root, "src/wire", contract, "examples.json")
    yield* Effect.promise(() => Bun.write(file, `${JSON.stringify(examples, undefined, 2)}\n`))
    yield* Console.log(file)
  }
})

// The databases that tests share stay open, and would keep the process alive.
BunRuntime.runMain(
  record.pipe(Effect.provide(server), Effect.scoped, Effect.zipRight(Effect.sync(() => process.exit(0)))),
)
