import { dirname } from "node:path"
import { parseArgs } from "node:util"
import { BunRuntime } from "@effect/platform-bun"
import { Console, Duration, Effect, Exit } from "effect"
import { failure, type Outcome, type Stage } from "./tooling/Stage"
import { type Plan, plan, quickPlan } from "./tooling/Stages"

/** No stage may hang a machine that nobody watches. */
const limit = Duration.minutes(10)

const report = (stage: Stage) =>
  Effect.gen(function* () {
    const [took, outcome] = yield* stage.run.pipe(
      Effect.timeoutTo({
        duration: limit,
        onSuccess: (result) => result,
        onTimeout: () => failure(`stopped after ${Duration.format(limit)}`),
      }),
      Effect.timed,
    )
    const mark = outcome.failed === 0 ? "✓" : "✗"
    const counts = `${outcome.passed} passed, ${outcome.failed} failed`
    yield* Console.log(
      `${mark} ${stage.name.padEnd(11)} ${Duration.toSeconds(took).toFixed(1).padStart(5)} s  ${counts}`,
    )
    if (outcome.output !== "") yield* Console.log(`\n${outcome.output.trim()}\n`)
    return outcome
  })

const only = (names: ReadonlyArray<string>, all: Plan): Plan => {
  const known = all.flat().map((stage) => stage.name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`No stage is called ${unknown}: there are ${known.join(", ")}.`)
  return all.map((group) => group.filter((stage) => names.includes(stage.name)))
}

const summary = (outcomes: ReadonlyArray<Outcome>) => {
  const total = (of: (outcome: Outcome) => number) => outcomes.reduce((sum, outcome) => sum + of(outcome), 0)
  const skipped = outcomes.flatMap((outcome) => outcome.skipped)
  const passed = total((outcome) => outcome.passed)
  const failed = total((outcome) => outcome.failed)
  return { skipped, passed, failed, ok: failed === 0 && passed > 0 }
}

const run = (wanted: Plan) =>
  Effect.gen(function* () {
    const groups = yield* Effect.forEach(wanted, (group) =>
      Effect.forEach(group, report, { concurrency: "unbounded" }),
    )
    const { skipped, passed, failed, ok } = summary(groups.flat())
    yield* Effect.forEach(skipped, (name) => Console.log(`skipped: ${name}`))
    const more = skipped.length === 0 ? "" : `, ${skipped.length} skipped`
    yield* Console.log(`${passed} passed, ${failed} failed${more}`)
    return ok
  })

/**
 * `bun run test [--only STAGE] [PART-OF-A-PATH …]`. Everything by default: checks of the sources,
 * tests of the tooling, the binary, and all tests on both databases. With parts of paths alone,
 * those test files on the embedded database. The last line says `N passed, N failed`.
 */
const chosen = Effect.try({
  try: () => {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { only: { type: "string", multiple: true } },
    })
    const filters = positionals.map((path) => path.replace(/^\.\//, ""))
    const root = dirname(import.meta.dir)
    if (values.only === undefined) return filters.length > 0 ? quickPlan(root, filters) : plan(root, [])
    return only(values.only, plan(root, filters))
  },
  catch: (cause) => (cause instanceof Error ? cause.message : `${cause}`),
})

const succeeded = chosen.pipe(
  Effect.flatMap(run),
  Effect.catchAll((sentence) => Effect.as(Console.error(sentence), false)),
)

BunRuntime.runMain(succeeded, {
  teardown: (exit, end) => end(Exit.isSuccess(exit) && exit.value ? 0 : 1),
})
