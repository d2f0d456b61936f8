/**
 * `bun run test`: checks the sources, builds the binary, and runs every test on the embedded database
 * and on a PostgreSQL server. `bun run test PART-OF-A-PATH …` runs the test files whose paths contain one
 * of the parts, on the database that TEST_DATABASE names (`embedded` by default, `server`, or a URL).
 * The last line says `N passed, N failed`.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { startPostgres } from "./support/PostgresServer"

interface Outcome {
  readonly passed: number
  readonly failed: number
  readonly skipped: ReadonlyArray<string>
  /** The tests that failed, repeated at the end, where a reader of a long log looks first. */
  readonly failures: ReadonlyArray<string>
  /** Everything printed, when something failed. */
  readonly output: string
}

const root = dirname(import.meta.dir)
const scratch = mkdtempSync(join(tmpdir(), "parley-run-"))

/** A stage that hangs is stopped, because nobody may be watching. */
const stageTimeout = 25 * 60_000

/** Runs Bun with these arguments to its end. Output goes through a file: an orphan may hold a pipe open. */
const bun = async (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) => {
  const log = Bun.file(join(scratch, crypto.randomUUID()))
  const child = Bun.spawn([process.execPath, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: log,
    stderr: log,
    timeout: stageTimeout,
  })
  const exitCode = await child.exited
  return { exitCode, output: readFileSync(log.name ?? "", "utf8") }
}

/** A script of package.json that checks the sources. It counts as one test. */
const check = (script: string) => async (): Promise<Outcome> => {
  const { exitCode, output } = await bun(["run", script])
  const ok = exitCode === 0
  return {
    passed: ok ? 1 : 0,
    failed: ok ? 0 : 1,
    skipped: [],
    failures: ok ? [] : [script],
    output: ok ? "" : output,
  }
}

/** The tests in a JUnit report of `bun test`. */
const readReport = (xml: string) =>
  [...xml.matchAll(/<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)].map(
    ([, attributes = "", body = ""]) => {
      const attribute = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? ""
      return {
        file: attribute("file"),
        name: attribute("name"),
        failed: /<(?:failure|error)\b/.test(body),
        skipped: body.includes("<skipped"),
      }
    },
  )

/**
 * Runs test files in as many worker processes as there are cores; the files of a worker share its
 * modules, since loading them again for each takes longer than the tests. A file without a test fails.
 */
const suite =
  (files: ReadonlyArray<string>, env: Readonly<Record<string, string>>) => async (): Promise<Outcome> => {
    const report = join(scratch, `${crypto.randomUUID()}.xml`)
    const flags = ["--no-orphans", "--parallel", "--no-isolate", "--only-failures"]
    const { exitCode, output } = await bun(
      [
        "test",
        ...flags,
        "--reporter=junit",
        `--reporter-outfile=${report}`,
        ...files.map((file) => `./${file}`),
      ],
      env,
    )
    const cases = (await Bun.file(report).exists()) ? readReport(readFileSync(report, "utf8")) : []
    const silent = files.filter((file) => !cases.some((test) => test.file === file))
    const failures = [
      ...cases.filter((test) => test.failed).map((test) => `${test.file}: ${test.name}`),
      ...silent.map((file) => `${file}: no test ran`),
    ]
    const failed = failures.length === 0 && exitCode !== 0 ? 1 : failures.length
    return {
      passed: cases.filter((test) => !test.failed && !test.skipped).length,
      failed,
      skipped: cases.filter((test) => test.skipped).map((test) => `${test.file}: ${test.name}`),
      failures,
      output: failed === 0 ? "" : output,
    }
  }

/** Tests for which the database makes no difference, or which always use the embedded one: run once. */
const runOnce =
  /^test\/(?:openapi|support|api\/socket-conformance|infra\/(?!Database|postgres)|http\/(?!middleware\/(?:authorization|input))|process\/(?:disk-full|readme|config|deployment-files))|-browser\.test\.ts$/

const stage = async (name: string, run: () => Promise<Outcome>): Promise<Outcome> => {
  const startedAt = performance.now()
  const outcome = await run()
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)
  const mark = outcome.failed === 0 ? "✓" : "✗"
  print(`${mark} ${name.padEnd(10)} ${seconds} s  ${outcome.passed} passed, ${outcome.failed} failed`)
  if (outcome.output !== "") print(`\n${outcome.output.trim()}\n`)
  return outcome
}

const print = (line: string) => process.stdout.write(`${line}\n`)

const runAll = async (files: ReadonlyArray<string>): Promise<ReadonlyArray<Outcome>> => {
  const checks = await Promise.all(
    ["lint", "types", "boundaries", "dead-code"].map((script) => stage(script, check(script))),
  )
  const build = await stage("build", check("build"))
  const binary = { PARLEY_BINARY: build.failed === 0 ? join(root, "dist", "parley") : "" }
  const embedded = await stage("embedded", suite(files, { ...binary, TEST_DATABASE: "embedded" }))
  const named = process.env.TEST_DATABASE ?? ""
  const server = named.startsWith("postgres") ? { url: named, stop: async () => {} } : await startPostgres()
  const postgres = await stage(
    "postgres",
    suite(
      files.filter((file) => !runOnce.test(file)),
      { TEST_DATABASE: server.url },
    ),
  )
  await server.stop()
  return [...checks, build, embedded, postgres]
}

const parts = process.argv.slice(2).map((part) => part.replace(/^\.\//, ""))
const all = [...new Bun.Glob("test/**/*.test.ts").scanSync({ cwd: root })].sort()
const wanted = all.filter((file) => parts.some((part) => file.includes(part)))
const database = process.env.TEST_DATABASE || "embedded"
const outcomes =
  parts.length === 0 ? await runAll(all) : [await stage(database, suite(wanted, { TEST_DATABASE: database }))]
rmSync(scratch, { recursive: true, force: true })

const total = (count: (outcome: Outcome) => number) =>
  outcomes.reduce((sum, outcome) => sum + count(outcome), 0)
const skipped = outcomes.flatMap((outcome) => outcome.skipped)
for (const name of skipped) print(`skipped: ${name}`)
for (const name of outcomes.flatMap((outcome) => outcome.failures)) print(`failed: ${name}`)
const [passed, failed] = [total((outcome) => outcome.passed), total((outcome) => outcome.failed)]
print(`${passed} passed, ${failed} failed${skipped.length === 0 ? "" : `, ${skipped.length} skipped`}`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)
