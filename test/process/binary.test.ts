import { expect } from "bun:test"
import { readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Schedule } from "effect"
import { version } from "../../package.json"
import { it } from "../support/it"
import { temporaryFolder } from "../support/TemporaryFolder"

/** The path of the built binary, which runs in an empty folder with almost no environment variables. */
const binary = process.env.PARLEY_BINARY ?? ""
const skipReason = binary === "" ? "the built binary" : undefined

const start = (cwd: string, env: Readonly<Record<string, string>>, ...args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      Bun.spawn([binary, ...args], { cwd, env, stdin: "ignore", stdout: "pipe", stderr: "inherit" }),
    ),
    (child) =>
      Effect.promise(() => {
        child.kill("SIGKILL")
        return child.exited
      }),
  )

const freePort = Effect.sync(() => {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => {} } })
  listener.stop(true)
  return listener.port
})

/** Returns the first response of a server that is starting; dies when the process exits instead. */
const firstResponse = (url: string, child: Bun.Subprocess) =>
  Effect.tryPromise(() => fetch(url)).pipe(
    Effect.retry(Schedule.spaced("50 millis")),
    Effect.raceFirst(
      Effect.flatMap(
        Effect.promise(() => child.exited),
        (code) => Effect.die(new Error(`exited with ${code} before it answered`)),
      ),
    ),
  )

it.live(
  "The binary prints its version",
  () =>
    Effect.gen(function* () {
      const child = yield* start(yield* temporaryFolder, {}, "--version")
      expect(yield* Effect.promise(() => new Response(child.stdout).text())).toContain(version)
      expect(yield* Effect.promise(() => child.exited)).toBe(0)
    }),
  { skipReason },
)

it.live(
  "The binary serves from an empty folder, shuts down cleanly, and restarts on the stored data",
  () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const port = yield* freePort
      // Configuration comes from the environment alone: another project's .env is not read.
      writeFileSync(join(folder, ".env"), "DATABASE_URL=postgres://other@127.0.0.1:1/project\n")
      for (const _ of ["first", "second"]) {
        const child = yield* start(folder, { PORT: `${port}` })
        const response = yield* firstResponse(`http://127.0.0.1:${port}/api/health`, child)
        expect(response.status).toBe(200)
        expect(readdirSync(folder).sort()).toEqual([".env", "data"])
        child.kill("SIGTERM")
        expect(yield* Effect.promise(() => child.exited)).toBe(0)
        const output = yield* Effect.promise(() => new Response(child.stdout).text())
        expect(output).toMatch(new RegExp(`http://127.0.0.1:${port}/api/auth/setup\\?token=[\\w-]{43}"`))
      }
    }),
  { timeout: 60_000, skipReason },
)
