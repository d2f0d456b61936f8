import { expect } from "bun:test"
import * as BunContext from "@effect/platform-bun/BunContext"
import { Console, Effect, Logger, LogLevel } from "effect"
import { cli } from "../../src/cli/Cli"
import { reportFatalError, withPlainConsole } from "../../src/cli/errorReporting"
import { configProviderFromEnv } from "../../src/domain/shared/ConfigHelpers"
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
      timeout: 100_000,
    })
    const [out, error] = await Promise.all([child.stdout.text(), child.stderr.text()])
    return { out: out.trim(), error: error.trim(), code: await child.exited }
  })

/** Runs a command in this process, with no variables but these. Returns what it prints. */
const outputWith = (env: Record<string, string>, ...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const output: Array<unknown> = []
    const record = (...values: ReadonlyArray<unknown>) => Effect.sync(() => void output.push(...values))
    const recordingConsole = yield* Console.consoleWith((original) =>
      Effect.succeed({ ...original, log: record, error: record }),
    )
    const program = reportFatalError(withPlainConsole(cli(["bun", "parley", ...args])))
    yield* Console.withConsole(Effect.provide(program, BunContext.layer), recordingConsole).pipe(
      Effect.withConfigProvider(configProviderFromEnv(env)),
      Logger.withMinimumLogLevel(LogLevel.None),
      Effect.exit,
    )
    return output.join("\n")
  })

const outputOf = (...args: ReadonlyArray<string>) => outputWith({}, ...args)

const create = ["admin", "create"]
const jane = [...create, "--email", "jane@example.com"]

it.live("An invalid command line is reported in one plain sentence", () =>
  Effect.gen(function* () {
    const unknown = "unknown command or option; `parley --help` lists all of them."
    const cases: ReadonlyArray<readonly [args: ReadonlyArray<string>, message: string]> = [
      [create, "Expected to find option: '--email'"],
      [[...jane, "--password", "Secure123"], "Received unknown argument: '--password'"],
      [[...jane, "--name", ""], "--name must be one line of 2 to 50 characters."],
      [[...create, "--email", "invalid"], "--email must be a valid email address."],
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

it.live(
  "`parley admin create` needs a password on standard input that is good enough",
  () =>
    Effect.gen(function* () {
      const [none, weak] = yield* Effect.all([parley(jane), parley(jane, { input: "weak" })])
      const failed = { out: "", code: 1 }
      expect(none).toEqual({ ...failed, error: "parley: A password is required on standard input." })
      expect(weak).toEqual({ ...failed, error: "parley: The password must be at least 8 characters." })
    }),
  { timeout: 120_000 },
)

it.live(
  "`parley admin` manages administrators while no server has the embedded database",
  () =>
    Effect.gen(function* () {
      const env = yield* databaseEnv
      const email = "jane@example.com"
      const admin = (command: string, email: string) => outputWith(env, "admin", command, "--email", email)
      const created = yield* parley(jane, { env, input: "Secure123\r\nand more" })
      expect(created).toEqual({ out: `${email} is now an administrator.`, error: "", code: 0 })
      expect(yield* admin("promote", email.toUpperCase())).toBe(`${email} is now an administrator.`)
      expect(yield* admin("demote", email)).toBe(
        "parley: The account is the only administrator's: create or promote another one first.",
      )
      expect(yield* admin("promote", "nobody@example.com")).toBe("parley: There is no such user.")
      const list = outputWith(env, "admin", "list")
      expect(yield* list).toBe(`${email}\tAdministrator`)
      expect(yield* outputWith(env, "migrate")).toBe("The database is up to date.")

      const server = yield* startServer(env)
      const body = { email, password: "Secure123" }
      expect((yield* makeClient(server.url).request("POST", "/api/auth/login", { body })).status).toBe(200)
      if ((env.DATABASE_URL ?? "") !== "") return expect(yield* list).toBe(`${email}\tAdministrator`)
      return expect(yield* list).toEndWith(
        `is in use by another Parley process (pid ${server.pid}): stop that one first.`,
      )
    }),
  { timeout: 300_000 },
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
