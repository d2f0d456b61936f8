// Takes the lock of the folder it is given, says whether it has it, and keeps it until killed.
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
