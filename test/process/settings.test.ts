import { expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../support/it"
import { temporaryFolder } from "../support/TemporaryFolder"

const main = new URL("../..", import.meta.url).pathname

/** A port on which somebody listens. */
const takenPort = Effect.acquireRelease(
  Effect.sync(() => Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() })),
  (server) => Effect.promise(() => server.stop(true)),
).pipe(Effect.map(({ port }) => String(port)))

/** What a server that is given these settings says on standard error, and how it ends. */
const startWith = (settings: Record<string, string>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const child = Bun.spawn([process.execPath, "src/main.ts"], {
        cwd: main,
        env: { PATH: process.env.PATH ?? "", DATA_DIR: folder, PORT: "0", ...settings },
        stdout: "ignore",
        stderr: "pipe",
      })
      yield* Effect.addFinalizer(() => Effect.sync(() => child.kill("SIGKILL")))
      const told = yield* Effect.promise(() => new Response(child.stderr).text())
      return { told: told.trim(), code: yield* Effect.promise(() => child.exited) }
    }),
  )

it.live(
  "A wrong setting ends the start with one sentence that names it, and never what a secret is",
  () =>
    Effect.flatMap(takenPort, (taken) =>
      Effect.forEach(
        [
          ["PORT", "99999"],
          ["LOG_LEVEL", "loud"],
          ["DRAIN_TIMEOUT", "soon"],
          ["TOKENS_LIMIT", "99999999999999999999"],
          ["JWT_SECRET", "too short"],
          ["OTEL_EXPORTER_OTLP_HEADERS", "a=%zz"],
          ["OPENAI_BASE_URL", "x"],
          ["PORT", taken],
        ] as ReadonlyArray<
          readonly [name: string, value: string, others?: Record<string, string>, named?: string]
        >,
        ([name, value, others, named = name]) =>
          Effect.gen(function* () {
            const { told, code } = yield* startWith({ ...others, [name]: value })
            expect([name, value, told]).toEqual([
              name,
              value,
              expect.stringMatching(new RegExp(`^parley: ${named}[^\\n]*$`)),
            ])
            if (/SECRET|PASSWORD|HEADERS/.test(name)) expect(told).not.toContain(value)
            expect(code).toBe(1)
          }),
        { concurrency: 2 },
      ),
    ),
  { timeout: 90_000 },
)
