import { expect } from "bun:test"
import { existsSync } from "node:fs"
import { Effect } from "effect"
import { dependencies, devDependencies } from "../../package.json"
import { makeClient } from "../support/App"
import { it } from "../support/it"
import { databaseEnv, startServer } from "../support/ServerProcess"

const root = new URL("../../", import.meta.url)
const readme = await Bun.file(new URL("README.md", root)).text()

/** Returns the first code block in a language after a heading. */
const codeBlock = (heading: string, language: string) =>
  readme.split(`# ${heading}\n`)[1]?.split(`\`\`\`${language}\n`)[1]?.split("```")[0] ?? ""

/** Runs a program of the README against a server. Returns what it prints to standard output. */
const run = Effect.fnUntraced(function* (command: ReadonlyArray<string>, source: string, url: string) {
  const program = source.replaceAll("http://127.0.0.1:3000", url)
  const child = Bun.spawn([...command, program], { stdout: "pipe", stderr: "ignore" })
  const output = yield* Effect.promise(() => new Response(child.stdout).text())
  expect(yield* Effect.promise(() => child.exited)).toBe(0)
  return output
})

it.live(
  "answers the README's first conversation with curl",
  () =>
    Effect.gen(function* () {
      const { url } = yield* startServer(yield* databaseEnv)
      const output = yield* run(["sh", "-euc"], codeBlock("A first conversation", "sh"), url)
      expect(output).toContain('"role":"user","content":"Hello"')
      expect(output).toContain('"role":"ASSISTANT","content":"This is Parley')
    }),
  { skipReason: Bun.which("curl") === null ? "curl" : undefined },
)

it.live("streams an answer to the README's example in JavaScript", () =>
  Effect.gen(function* () {
    const { url } = yield* startServer(yield* databaseEnv)
    const body = { email: "jane@example.com", password: "yourPassword", fullName: "Jane Doe" }
    yield* makeClient(url).request("POST", "/api/auth/signup", { body })
    const output = yield* run([process.execPath, "--eval"], codeBlock("From JavaScript", "js"), url)
    expect(output.replaceAll("\n", "")).toStartWith("This is Parley's built-in demonstration model")
  }),
)

it.effect("explains exactly the dependencies of package.json in the README", () =>
  Effect.sync(() => {
    const [, table = ""] = readme.split("\n## Dependencies\n")
    const explained = Array.from(table.matchAll(/^\| `(\S+)` *\|/gm), ([, name]) => name)
    const names = Object.keys({ ...dependencies, ...devDependencies })
    expect(explained.toSorted()).toEqual(names.toSorted())
  }),
)

it.effect("refers only to files that exist in the documents for contributors", () =>
  Effect.promise(async () => {
    const bases = ["", "src/", "test/", "src/domain/generation/"]
    for (const document of ["CONTRIBUTING.md", "src/README.md"]) {
      const text = await Bun.file(new URL(document, root)).text()
      const names = text.matchAll(/`((?:[\w-]+\/)+(?:[\w.-]+\.\w+)?)`/g)
      const missing = Array.from(names, ([, name = ""]) => name).filter(
        (name) => !/[A-Z]{4}/.test(name) && !bases.some((base) => existsSync(new URL(base + name, root))),
      )
      expect([document, missing]).toEqual([document, []])
    }
  }),
)
