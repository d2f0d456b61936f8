import { expect } from "bun:test"
import { dirname, join } from "node:path"
import { Effect } from "effect"
import { layer } from "../support/it"
import { runBun, temporaryFolder } from "./Process"
import { type Case, read } from "./Report"

/** Runs the fixture in a process of its own, for half of its tests must fail. */
class Fixture extends Effect.Service<Fixture>()("Fixture", {
  scoped: Effect.gen(function* () {
    const report = join(yield* temporaryFolder, "report.xml")
    const options = ["--parallel=1", "--reporter=junit", `--reporter-outfile=${report}`]
    const root = dirname(dirname(import.meta.dir))
    const { output } = yield* runBun(["test", ...options, "./test/tooling/fixtures/harness.ts"], {
      cwd: root,
    })
    const cases = read(yield* Effect.promise(() => Bun.file(report).text()))
    return {
      output,
      said: output.split("\n").flatMap((line) => (line.startsWith("said: ") ? [line.slice(6)] : [])),
      named: (outcome: Case["outcome"]) =>
        cases.filter((one) => one.outcome === outcome).map((one) => one.name),
    }
  }),
}) {}

layer(Fixture.Default)("the harness", (it) => {
  it.live("passes what succeeds, on the clock it promises", () =>
    Effect.map(Fixture, ({ named }) =>
      expect(named("passed")).toEqual([
        "passes",
        "turns the clock",
        "has the real clock",
        "holds",
        "a shared layer > is built",
        "a shared layer > once",
        "a shared layer > under the test's clock",
      ]),
    ),
  )

  it.live("fails what fails, what takes too long, and what lacks its layer", () =>
    Effect.map(Fixture, ({ named, said }) => {
      expect(named("failed")).toEqual([
        "fails with a typed error",
        "fails with an assertion",
        "takes too long",
        "does not hold",
        "a layer that cannot be built > (unnamed)",
      ])
      expect(said).not.toContain("ran without its layer")
    }),
  )

  it.live("names what a skipped test needs", () =>
    Effect.map(Fixture, ({ named }) => expect(named("skipped")).toEqual(["skipped (needs a moon)"])),
  )

  it.live("closes every scope: of passing, failing and interrupted tests, and of layers", () =>
    Effect.map(Fixture, ({ said }) =>
      expect(said).toEqual(
        ["passing", "failing", "slow", "counter"].flatMap((name) => [`${name} open`, `${name} closed`]),
      ),
    ),
  )

  it.live("prints causes with their spans, and assertions where they stand", () =>
    Effect.map(Fixture, ({ output }) => {
      expect(output).toMatch(/Refused: refused by the fixture\n.*\n\s+at a-span-of-the-fixture/)
      expect(output).toMatch(/expect\(answer\)\.toBe\(42\)\n\s+\^\nerror: .*\n\nExpected: 42\nReceived: 41/)
      expect(output).toContain("Counterexample: [[10]]")
    }),
  )
})
