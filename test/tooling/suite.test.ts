import { expect } from "bun:test"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { it } from "../support/it"
import { type Files, project } from "./Project"
import { suite, testFiles } from "./Suite"

const test = (body: string) => `import { expect, test } from "bun:test"\n${body}\n`

const ran = (files: Files, env: Readonly<Record<string, string>> = {}) =>
  Effect.flatMap(project(files), (root) => suite({ root, files: testFiles(root), env }))

it.live("counts what passed, and says nothing more", () =>
  Effect.map(
    ran(
      {
        "test/a/one.test.ts": test(`test("a", () => expect(process.env.WORD).toBe("told"))`),
        "test/b/two.test.ts": test(`test("b", () => {})\ntest("c", () => {})`),
      },
      { WORD: "told" },
    ),
    (outcome) => expect(outcome).toEqual({ passed: 3, failed: 0, skipped: [], output: "" }),
  ),
)

it.live("names what was skipped", () =>
  Effect.map(
    ran({ "test/a.test.ts": test(`test("a", () => {})\ntest.skipIf(true)("b (needs <c>)", () => {})`) }),
    (outcome) =>
      expect(outcome).toEqual({
        passed: 1,
        failed: 0,
        skipped: ["test/a.test.ts: b (needs <c>)"],
        output: "",
      }),
  ),
)

it.live("shows the whole of what failed", () =>
  Effect.map(
    ran({
      "test/a.test.ts": test(
        `test("a", () => { console.log("printed"); expect(1).toBe(2) })\ntest("b", () => {})`,
      ),
    }),
    (outcome) => {
      expect(outcome).toMatchObject({ passed: 1, failed: 1 })
      expect(outcome.output).toContain("printed")
      expect(outcome.output).toContain("Expected: 2")
    },
  ),
)

it.live("counts a file that cannot be loaded, runs no test, or ends the process as failed", () =>
  Effect.map(
    ran({
      "test/load.test.ts": test(`import "./nowhere"\ntest("a", () => {})`),
      "test/none.test.ts": "export const nothing = 1\n",
      "test/exit.test.ts": test(`test("a", () => process.exit(0))\ntest("b", () => {})`),
      "test/good.test.ts": test(`test("a", () => {})`),
    }),
    (outcome) => {
      expect(outcome).toMatchObject({ passed: 1, failed: 3 })
      expect(outcome.output).toContain("test/load.test.ts: no test was run")
      expect(outcome.output).toContain("test/none.test.ts: no test was run")
      expect(outcome.output).toContain("nowhere")
    },
  ),
)

it.live("fails when there is no test file", () =>
  Effect.map(ran({}), (outcome) => expect(outcome).toMatchObject({ passed: 0, failed: 1 })),
)

/** Whether a process runs; one that has ended and that nobody waits for does not. */
const alive = (pid: number) => {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const status = `/proc/${pid}/stat`
  return !(existsSync(status) && readFileSync(status, "utf8").includes(") Z "))
}

const leaving = test(`
import { writeFileSync } from "node:fs"
test("a", () => {
  const child = Bun.spawn([process.execPath, "-e", "setInterval(() => {}, 1000)"], { stdio: ["ignore", "ignore", "ignore"] })
  child.unref()
  writeFileSync("left", String(child.pid))
})
test("b", async () => { if (process.env.HANG === "1") await new Promise(() => {}) }, 60_000)`)

const leftBehind = (root: string) => Number(readFileSync(join(root, "left"), "utf8"))

it.live("leaves no process behind that a test has left", () =>
  Effect.gen(function* () {
    const root = yield* project({ "test/a.test.ts": leaving })
    const outcome = yield* suite({ root, files: testFiles(root) })
    expect(outcome.passed).toBe(2)
    expect(alive(leftBehind(root))).toBe(false)
  }),
)

it.live("leaves no process behind when it is interrupted", () =>
  Effect.gen(function* () {
    const root = yield* project({ "test/a.test.ts": leaving })
    const running = yield* Effect.fork(suite({ root, files: testFiles(root), env: { HANG: "1" } }))
    yield* Effect.sleep("20 millis").pipe(Effect.repeat({ until: () => existsSync(join(root, "left")) }))
    yield* running.interruptAsFork(running.id())
    yield* running.await
    yield* Effect.sleep("20 millis").pipe(Effect.repeat({ until: () => !alive(leftBehind(root)) }))
  }),
)
