import { Effect } from "effect"
import { runBun } from "./Process"
import { failure, type Stage, success } from "./Stage"

interface Check {
  /** A script of package.json. */
  readonly name: string
  /** Where the tool says how many files it read. */
  readonly count?: RegExp
}

/**
 * The checks that read the sources. Each counts as one. Those that tell no count end in failure by
 * themselves when they find no source.
 */
const checks: ReadonlyArray<Check> = [
  { name: "lint", count: /Checked (\d+) files/ },
  { name: "types" },
  { name: "boundaries", count: /\((\d+) modules, \d+ dependencies cruised\)/ },
  { name: "dead-code" },
]

const sources = new Bun.Glob("{src,test}/**/*.ts")

const run = ({ name, count }: Check, root: string) =>
  Effect.gen(function* () {
    const { exitCode, output } = yield* runBun(["run", name], { cwd: root })
    if (exitCode !== 0) return failure(output || `${name} ended with ${exitCode} and said nothing`)
    if (count === undefined) return success
    const read = Number(count.exec(output)?.[1] ?? 0)
    const there = [...sources.scanSync({ cwd: root })].length
    if (read === 0 || read < there) return failure(`${name} read ${read} of ${there} files:\n${output}`)
    return success
  })

/** @param root the folder whose sources are checked, by the scripts and settings that it holds */
export const sourceChecks = (root: string): ReadonlyArray<Stage> =>
  checks.map((check) => ({ name: check.name, run: run(check, root) }))
