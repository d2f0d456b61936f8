import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"

/** A folder of its own, gone with the scope. */
export const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "parley-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true })),
)

interface Options {
  readonly cwd?: string
  /** The whole environment; by default that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/**
 * Runs this very Bun to its end: its exit code, and all that it
 * said, both streams in order. It goes through a file: a pipe would wait for whoever inherited it.
 */
export const runBun = (args: ReadonlyArray<string>, options: Options = {}) =>
  Effect.scoped(
    Effect.gen(function* () {
      const log = join(yield* temporaryFolder, "log")
      const descriptor = yield* Effect.acquireRelease(
        Effect.sync(() => openSync(log, "a")),
        (opened) => Effect.sync(() => closeSync(opened)),
      )
      const child = yield* Effect.acquireRelease(
        Effect.sync(() =>
          Bun.spawn([process.execPath, ...args], {
            env: process.env,
            ...options,
            stdin: "ignore",
            stdout: descriptor,
            stderr: descriptor,
          }),
        ),
        stop,
      )
      const exitCode = yield* Effect.promise(() => child.exited)
      return { exitCode, output: readFileSync(log, "utf8") }
    }),
  )

/** Asks a process to end, and after a few seconds no longer asks. */
export const stop = (child: Bun.Subprocess) =>
  Effect.gen(function* () {
    child.kill("SIGTERM")
    yield* Effect.promise(() => child.exited).pipe(
      Effect.timeout("5 seconds"),
      Effect.catchAll(() => Effect.sync(() => child.kill("SIGKILL"))),
    )
  })
