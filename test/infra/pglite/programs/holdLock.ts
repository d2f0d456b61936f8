// Locks the folder in its argument, prints "held" or the error, and holds the lock until killed.
import { Effect } from "effect"
import { lockDataDir } from "../../../../src/infra/pglite/DataDirLock"

await lockDataDir(process.argv[2] ?? "").pipe(
  Effect.matchEffect({
    onFailure: (error) => Effect.sync(() => process.stdout.write(`${error.message}\n`)),
    onSuccess: () =>
      Effect.zipRight(
        Effect.sync(() => process.stdout.write("held\n")),
        Effect.never,
      ),
  }),
  Effect.scoped,
  Effect.runPromise,
)
