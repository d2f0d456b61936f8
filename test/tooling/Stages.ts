import { Effect } from "effect"
import { startPostgres } from "../support/PostgresServer"
import { binary } from "./Binary"
import { sourceChecks } from "./Checks"
import { failure, type Stage } from "./Stage"
import { suite, testFiles } from "./Suite"

const named = process.env.TEST_DATABASE ?? ""

/** The server that TEST_DATABASE names, or one of our own for as long as it is needed. */
const server = Effect.acquireRelease(
  Effect.tryPromise(async () =>
    named.startsWith("postgres") ? { url: named, stop: () => Promise.resolve() } : await startPostgres(),
  ),
  ({ stop }) => Effect.promise(stop),
)

/** Test files on the database inside the binary. */
const embedded = (root: string, files: ReadonlyArray<string>): Stage => ({
  name: "embedded",
  run: suite({ root, files, env: { TEST_DATABASE: "embedded" } }),
})

/** The same on a PostgreSQL server. */
const postgres = (root: string, files: ReadonlyArray<string>): Stage => ({
  name: "postgres",
  run: Effect.scoped(
    Effect.flatMap(server, ({ url }) => suite({ root, files, env: { TEST_DATABASE: url } })),
  ).pipe(Effect.catchAll(({ error }) => Effect.succeed(failure(`no PostgreSQL server: ${error}`)))),
})

/** Stages side by side, one such group after the other. */
export type Plan = ReadonlyArray<ReadonlyArray<Stage>>

/**
 * What `bun run test` does, the quickest to fail first.
 *
 * @param root the folder of the project
 * @param filters parts of the paths of the test files wanted; all when there are none
 */
export const plan = (root: string, filters: ReadonlyArray<string>): Plan => {
  const files = testFiles(root).filter(
    (file) => filters.length === 0 || filters.some((filter) => file.includes(filter)),
  )
  const ofTooling = files.filter((file) => file.startsWith("test/tooling/"))
  const ofProduct = files.filter((file) => !ofTooling.includes(file))
  return [
    sourceChecks(root),
    [{ name: "tooling", run: suite({ root, files: ofTooling }) }],
    [{ name: "binary", run: binary(root) }],
    [embedded(root, ofProduct)],
    [postgres(root, ofProduct)],
  ]
}

/** For quick work: just these test files, once, on the embedded database. */
export const quickPlan = (root: string, filters: ReadonlyArray<string>): Plan => [
  [
    embedded(
      root,
      testFiles(root).filter((file) => filters.some((filter) => file.includes(filter))),
    ),
  ],
]
