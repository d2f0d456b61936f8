import { expect } from "bun:test"
import * as BunContext from "@effect/platform-bun/BunContext"
import { Console, Effect } from "effect"
import { cli } from "../../src/cli/Cli"
import { reportFatalError, withPlainConsole } from "../../src/cli/errorReporting"
import { makeClient } from "../support/App"
import { it } from "../support/it"
import { databaseEnv, startServer } from "../support/ServerProcess"

/** Runs a command as a process without a terminal. Returns its output and exit code. */
const parley = (
  args: ReadonlyArray<string>,
  { env = {}, input = "" }: { readonly env?: Record<string, string>; readonly input?: string } = {},
) =>
  Effect.promise(async () => {
    const child = Bun.spawn([process.execPath, "src/main.ts", ...args], {
      cwd: new URL("../..", import.meta.url).pathname,
      env: { PATH: process.env.PATH ?? "", LOG_LEVEL: "none", ...env },
      stdin: new Blob([input]),
      stdout: "pipe",
      stderr: "pipe",
      timeout: 30_000,
    })
    const [out, error] = await Promise.all([child.stdout.text(), child.stderr.text()])
    return { out: out.trim(), error: error.trim(), code: await child.exited }
  })

/** Runs a command in this process. Returns what it prints. */
const outputOf = (...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const output: Array<unknown> = []
    const record = (...values: ReadonlyArray<unknown>) => Effect.sync(() => void output.push(...values))
    const recordingConsole = yield* Console.consoleWith((original) =>
      Effect.succeed({ ...original, log: record, error: record }),
    )
    const program = reportFatalError(withPlainConsole(cli(["bun", "parley", ...args])))
    yield* Effect.exit(Console.withConsole(Effect.provide(program, BunContext.layer), recordingConsole))
    return output.join("\n")
  })

const create = ["admin", "create"]
const jane = [...create, "--email", "jane@example.com"]

it.live("An invalid command line is reported in one plain sentence", () =>
  Effect.gen(function* () {
    const unknown = "unknown command or option; `parley --help` lists all of them."
    const cases: ReadonlyArray<readonly [args: ReadonlyArray<string>, message: string]> = [
      [create, "Expected to find option: '--email'"],
      [[...jane, "--password", "weak"], "--password must be at least 8 characters."],
      [[...jane, "--name", "", "--password", "Secure123"], "--name must be one line of 2 to 50 characters."],
      [
        [...create, "--email", "invalid", "--password", "Secure123"],
        "--email must be a valid email address.",
      ],
      [["admin", "delete"], unknown],
      [["--bogus"], unknown],
      [["-v"], unknown],
    ]
    for (const [args, message] of cases) expect(yield* outputOf(...args)).toBe(`parley: ${message}`)
  }),
)

it.live("Help in a pipe is plain text and refers to `parley config`", () =>
  Effect.gen(function* () {
    const { out: help } = yield* parley(["serve", "--help"])
    expect(help).toContain("`parley config` lists them")
    expect(help).not.toContain("\u001b")
    expect(yield* outputOf("config")).toContain("\nPORT\n")
  }),
)

it.live("`parley admin create` fails without a terminal and without a password", () =>
  Effect.gen(function* () {
    const error = "parley: A password is required: with --password or on standard input."
    expect(yield* parley(jane)).toEqual({ out: "", error, code: 1 })
  }),
)

it.live(
  "`parley admin create` reads the password from standard input",
  () =>
    Effect.gen(function* () {
      const env = yield* databaseEnv
      const created = { out: "jane@example.com is now an administrator.", error: "", code: 0 }
      expect(yield* parley(jane, { env, input: "Secure123\r\nand more" })).toEqual(created)
      expect(yield* parley(["migrate"], { env })).toEqual({ ...created, out: "The database is up to date." })
      const { url } = yield* startServer(env)
      const body = { email: "jane@example.com", password: "Secure123" }
      expect((yield* makeClient(url).request("POST", "/api/auth/login", { body })).status).toBe(200)
    }),
  { timeout: 60_000 },
)

it.live(
  "`parley audit verify` prints the last hash, and fails once it is missing",
  () =>
    Effect.gen(function* () {
      const env = yield* databaseEnv
      const empty = yield* parley(["audit", "verify"], { env })
      expect(empty).toEqual({ out: "The audit log is empty.", error: "", code: 0 })
      const missing = yield* parley(["audit", "verify", "--hash", "00ff"], { env })
      expect(missing).toEqual({
        out: "",
        error: "parley: no audit entry has this hash: entries at the end were removed or altered.",
        code: 1,
      })
    }),
  { timeout: 90_000 },
)
