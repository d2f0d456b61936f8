import { expect } from "bun:test"
import { cpSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect } from "effect"
import { it } from "../support/it"
import { runBun } from "./Process"
import { type Files, project } from "./Project"

const parley = dirname(dirname(import.meta.dir))
const oneTest = (body: string) => `import { test } from "bun:test"\ntest("a", () => {${body}})\n`

/** `bun run test` with these arguments in a project that has only these test files. */
const told = (files: Files, ...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const root = yield* project(files)
    for (const part of ["run.ts", "tooling", "support"]) {
      const notATest = (path: string) => !path.endsWith(".test.ts")
      cpSync(join(parley, "test", part), join(root, "test", part), { recursive: true, filter: notATest })
    }
    const { exitCode, output } = yield* runBun(["--no-orphans", "test/run.ts", ...args], { cwd: root })
    return { exitCode, output, last: output.trimEnd().split("\n").at(-1) }
  })

const files = {
  "test/good.test.ts": oneTest(`if (process.env.TEST_DATABASE !== "embedded") throw new Error("where?")`),
  "test/bad.test.ts": oneTest(`throw new Error("told whole")`),
  "test/skip.test.ts": `import { test } from "bun:test"\ntest.skipIf(true)("b (needs c)", () => {})\ntest("d", () => {})\n`,
}

it.live("runs just the files asked for, on the embedded database, and ends with their number", () =>
  Effect.map(told(files, "good"), ({ exitCode, last }) =>
    expect({ exitCode, last }).toEqual({ exitCode: 0, last: "1 passed, 0 failed" }),
  ),
)

it.live("ends in failure when a test fails, shows it, and names what was skipped", () =>
  Effect.map(told(files, "test/"), ({ exitCode, output, last }) => {
    expect({ exitCode, last }).toEqual({ exitCode: 1, last: "2 passed, 1 failed, 1 skipped" })
    expect(output).toContain("told whole")
    expect(output).toContain("skipped: test/skip.test.ts: b (needs c)")
  }),
)

it.live("ends in failure when nothing answers to what was asked for", () =>
  Effect.gen(function* () {
    expect(yield* told(files, "nowhere")).toMatchObject({ exitCode: 1, last: "0 passed, 1 failed" })
    expect(yield* told(files, "--only", "nothing")).toMatchObject({
      exitCode: 1,
      last: "No stage is called nothing: there are lint, types, boundaries, dead-code, tooling, binary, embedded, postgres.",
    })
  }),
)

it.live("runs the stages asked for", () =>
  Effect.map(told(files, "--only", "types", "--only", "embedded", "good"), ({ output }) => {
    expect(output).toMatch(/ types +\d/)
    expect(output).toMatch(/ embedded +\d/)
    expect(output).not.toMatch(/ (lint|postgres) +\d/)
  }),
)

const aServer = (status: number) => `
import { mkdirSync } from "node:fs"
import { version } from "../package.json"
if (process.argv.includes("--version")) {
  console.log(version)
} else {
  mkdirSync("data", { recursive: true })
  Bun.serve({ port: Number(process.env.PORT), fetch: () => new Response("", { status: ${status} }) })
  process.on("SIGTERM", () => process.exit(0))
}
`

const binaryOf = (main: string) => told({ "src/main.ts": main }, "--only", "binary")

it.live("builds the binary and tries it where nothing else is", () =>
  Effect.map(binaryOf(aServer(200)), ({ last }) => expect(last).toBe("2 passed, 0 failed")),
)

it.live("ends in failure when the binary cannot be built, does not start or does not work", () =>
  Effect.gen(function* () {
    const unbuildable = yield* binaryOf(`import "./nowhere"`)
    expect(unbuildable).toMatchObject({ exitCode: 1, last: "0 passed, 1 failed" })
    expect(unbuildable.output).toContain("nowhere")
    const ending = yield* binaryOf("process.exit(3)")
    expect(ending).toMatchObject({ exitCode: 1, last: "0 passed, 2 failed" })
    expect(ending.output).toContain("it ended with 3 before it answered")
    expect(yield* binaryOf(aServer(503))).toMatchObject({ exitCode: 1, last: "1 passed, 1 failed" })
  }),
)
