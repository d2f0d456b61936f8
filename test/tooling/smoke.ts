import { expect } from "bun:test"
import { readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Schedule } from "effect"
import { version } from "../../package.json"
import { it } from "../support/it"
import { stop, temporaryFolder } from "./Process"

/** What the built binary must do in an empty folder, with nothing installed and next to no environment. */
const binary = process.env.PARLEY_BINARY ?? ""

const start = (cwd: string, env: Readonly<Record<string, string>>, ...args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      Bun.spawn([binary, ...args], { cwd, env, stdin: "ignore", stdout: "pipe", stderr: "inherit" }),
    ),
    stop,
  )

const freePort = Effect.sync(() => {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => {} } })
  listener.stop(true)
  return listener.port
})

/** The first answer of a server that is starting; fails when the process ends instead. */
const firstAnswer = (url: string, child: Bun.Subprocess) =>
  Effect.tryPromise(() => fetch(url)).pipe(
    Effect.retry(Schedule.spaced("50 millis")),
    Effect.raceFirst(
      Effect.flatMap(
        Effect.promise(() => child.exited),
        (code) => Effect.die(new Error(`it ended with ${code} before it answered`)),
      ),
    ),
  )

it.live("says its version", () =>
  Effect.gen(function* () {
    const child = yield* start(yield* temporaryFolder, {}, "--version")
    expect(yield* Effect.promise(() => new Response(child.stdout).text())).toContain(version)
    expect(yield* Effect.promise(() => child.exited)).toBe(0)
  }),
)

it.live(
  "serves from an empty folder, stops cleanly when asked, and starts again on what it kept",
  () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const port = yield* freePort
      // Somebody else's: settings come from the environment alone.
      writeFileSync(join(folder, ".env"), "DATABASE_URL=postgres://somebody@127.0.0.1:1/elses\n")
      for (const _ of ["first", "second"]) {
        const child = yield* start(folder, { PORT: `${port}` })
        const response = yield* firstAnswer(`http://127.0.0.1:${port}/api/health`, child)
        expect(response.status).toBe(200)
        expect(readdirSync(folder).sort()).toEqual([".env", "data"])
        child.kill("SIGTERM")
        expect(yield* Effect.promise(() => child.exited)).toBe(0)
      }
    }),
  { timeout: 60_000 },
)
