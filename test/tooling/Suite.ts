import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { runBun, temporaryFolder } from "./Process"
import { type Case, read } from "./Report"
import { failure, type Outcome } from "./Stage"

/** Every test file below a folder of `root`, by its path from there, in order. */
export const testFiles = (root: string): ReadonlyArray<string> =>
  [...new Bun.Glob("test/**/*.test.ts").scanSync({ cwd: root })].sort()

interface Suite {
  readonly root: string
  readonly files: ReadonlyArray<string>
  /** Beside this process's environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** What bun's own report leaves out: files that ran no test, and an end that no failing test explains. */
const unexplained = (files: ReadonlyArray<string>, cases: ReadonlyArray<Case>, exitCode: number) => {
  const silent = files
    .filter((file) => !cases.some((one) => one.file === file))
    .map((file) => `${file}: no test was run`)
  const accounted = silent.length > 0 || cases.some((one) => one.outcome === "failed")
  return exitCode === 0 || accounted ? silent : [`bun test ended with ${exitCode} though no test failed`]
}

/**
 * Runs test files in worker processes, as many as there are cores. The files that a worker runs share
 * its modules: loading them anew for each would take longer than the tests. Nothing that they start
 * outlives the run.
 */
export const suite = ({ root, files, env }: Suite): Effect.Effect<Outcome> =>
  Effect.scoped(
    Effect.gen(function* () {
      if (files.length === 0) return failure("there is no test file to run")
      const report = join(yield* temporaryFolder, "report.xml")
      const { exitCode, output } = yield* runBun(
        [
          ...["test", "--no-orphans", "--parallel", "--no-isolate", "--only-failures"],
          ...["--reporter=junit", `--reporter-outfile=${report}`],
          ...files.map((file) => `./${file}`),
        ],
        { cwd: root, env: { ...process.env, ...env } },
      )
      const cases = existsSync(report) ? read(readFileSync(report, "utf8")) : []
      const count = (outcome: Case["outcome"]) => cases.filter((one) => one.outcome === outcome).length
      const more = unexplained(files, cases, exitCode)
      const failed = count("failed") + more.length
      return {
        passed: count("passed"),
        failed,
        skipped: cases.filter((one) => one.outcome === "skipped").map((one) => `${one.file}: ${one.name}`),
        output: failed === 0 ? "" : [output, ...more].join("\n"),
      }
    }),
  )
