import { expect } from "bun:test"
import * as BunContext from "@effect/platform-bun/BunContext"
import { Console, Effect } from "effect"
import { cli } from "../../src/cli/Cli"
import { explainFailure, plainSpoken } from "../../src/cli/errorReporting"
import { makeClient } from "../support/App"
import { it } from "../support/it"
import { databaseEnv, startServer } from "../support/ServerProcess"

/** Runs a command where there is no terminal, as a process; what it says, and how it ends. */
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

/** What a command says, run here. */
const saidTo = (...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const said: Array<unknown> = []
    const hear = (...words: ReadonlyArray<unknown>) => Effect.sync(() => void said.push(...words))
    const hearing = yield* Console.consoleWith((usual) =>
      Effect.succeed({ ...usual, log: hear, error: hear }),
    )
    const program = explainFailure(plainSpoken(cli(["bun", "parley", ...args])))
    yield* Effect.exit(Console.withConsole(Effect.provide(program, BunContext.layer), hearing))
    return said.join("\n")
  })

const create = ["admin", "create"]
const jane = [...create, "--email", "jane@example.com"]

it.live("What is wrong with a command is said in one plain sentence", () =>
  Effect.gen(function* () {
    const unknown = "no command is written like this; `parley --help` lists them, and their options."
    const wrong: ReadonlyArray<readonly [args: ReadonlyArray<string>, told: string]> = [
      [create, "Expected to find option: '--email'"],
      [[...jane, "--password", "weak"], "--password must be at least 8 characters."],
      [[...jane, "--name", "", "--password", "Secure123"], "--name must be one line of 2 to 50 characters."],
      [[...create, "--email", "nobody", "--password", "Secure123"], "--email must be a valid email address."],
      [["admin", "delete"], unknown],
      [["--bogus"], unknown],
      [["-v"], unknown],
    ]
    for (const [args, told] of wrong) expect(yield* saidTo(...args)).toBe(`parley: ${told}`)
  }),
)

it.live("Help in a pipe is plain text, and leads to the settings", () =>
  Effect.gen(function* () {
    const { out: help } = yield* parley(["serve", "--help"])
    expect(help).toContain("`parley settings` lists them")
    expect(help).not.toContain("\u001b")
    expect(yield* saidTo("settings")).toContain("\nPORT, HOST\n")
  }),
)

it.live("Without a terminal and without a password there is no administrator", () =>
  Effect.gen(function* () {
    const error = "parley: A password is needed: with --password, or on standard input."
    expect(yield* parley(jane)).toEqual({ out: "", error, code: 1 })
  }),
)

it.live(
  "An administrator is made with the password that is piped in",
  () =>
    Effect.gen(function* () {
      const env = yield* databaseEnv
      const made = { out: "jane@example.com is now an administrator.", error: "", code: 0 }
      expect(yield* parley(jane, { env, input: "Secure123\r\nand more" })).toEqual(made)
      expect(yield* parley(["migrate"], { env })).toEqual({ ...made, out: "The database is up to date." })
      const { url } = yield* startServer(env)
      const body = { email: "jane@example.com", password: "Secure123" }
      expect((yield* makeClient(url).request("POST", "/api/auth/login", { body })).status).toBe(200)
    }),
  { timeout: 60_000 },
)
