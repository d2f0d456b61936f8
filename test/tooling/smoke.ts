import { expect } from "bun:test"
import { readdirSync } from "node:fs"
import { Effect } from "effect"
import { version } from "../../package.json"
import { it } from "../support/it"
import { stop, temporaryFolder } from "./Process"

/** What the built binary must do in an empty folder, with nothing installed and an empty environment. */
const binary = process.env.PARLEY_BINARY ?? ""

const start = (cwd: string, ...args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      Bun.spawn([binary, ...args], {
        cwd,
        env: { PORT: "0" },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "inherit",
      }),
    ),
    stop,
  )

const address = /http:\/\/127\.0\.0\.1:\d+/

/** Reads on until the server has said where it listens. */
const listening = async (output: ReadableStream<Uint8Array>) => {
  let said = ""
  for await (const chunk of output.values({ preventCancel: true })) {
    said += new TextDecoder().decode(chunk)
    const found = address.exec(said)
    if (found !== null) return found[0]
  }
  throw new Error(`it ended without saying where it listens: ${said}`)
}

it.live("says its version", () =>
  Effect.gen(function* () {
    const child = yield* start(yield* temporaryFolder, "--version")
    expect(yield* Effect.promise(() => new Response(child.stdout).text())).toContain(version)
    expect(yield* Effect.promise(() => child.exited)).toBe(0)
  }),
)

it.live(
  "serves from an empty folder, stops cleanly when asked, and starts again on what it kept",
  () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      for (const _ of ["first", "second"]) {
        const child = yield* start(folder)
        const url = yield* Effect.promise(() => listening(child.stdout))
        const response = yield* Effect.promise(() => fetch(`${url}/api/health`))
        expect(response.status).toBe(200)
        expect(readdirSync(folder)).toEqual(["data"])
        child.kill("SIGTERM")
        expect(yield* Effect.promise(() => child.exited)).toBe(0)
      }
    }),
  { timeout: 60_000 },
)
