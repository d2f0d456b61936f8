import { expect } from "bun:test"
import { readdirSync } from "node:fs"
import { ConfigProvider, Console, Effect, Layer, Logger, LogLevel } from "effect"
import { makeAppLayer } from "../../src/AppLayer"
import { config } from "../../src/Config"
import { listOfSettings } from "../../src/cli/config"
import { explainFailure } from "../../src/cli/errorReporting"
import { configProviderFromEnv } from "../../src/domain/shared/ConfigHelpers"
import { server } from "../../src/Server"
import * as Database from "../support/Database"
import { it } from "../support/it"
import { temporaryFolder } from "../support/TemporaryFolder"

const main = new URL("../..", import.meta.url).pathname

/** A port on which somebody listens. */
const takenPort = Effect.acquireRelease(
  Effect.sync(() => Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() })),
  (server) => Effect.promise(() => server.stop(true)),
).pipe(Effect.map(({ port }) => String(port)))

/** What Parley says on standard error when it is given these settings, how it ends, and what it has made. */
const startWith = (settings: Record<string, string>, command = "serve") =>
  Effect.scoped(
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const child = Bun.spawn([process.execPath, "src/main.ts", command], {
        cwd: main,
        env: { PATH: process.env.PATH ?? "", DATA_DIR: folder, PORT: "0", ...settings },
        stdout: "ignore",
        stderr: "pipe",
      })
      yield* Effect.addFinalizer(() => Effect.sync(() => child.kill("SIGKILL")))
      const told = yield* Effect.promise(() => new Response(child.stderr).text())
      const code = yield* Effect.promise(() => child.exited)
      return { told: told.trim(), code, made: readdirSync(folder) }
    }),
  )

it.live("A wrong setting ends every command before there is a database", () =>
  Effect.gen(function* () {
    const [served, migrated] = yield* Effect.all(
      [startWith({ PORT: "abc" }), startWith({ METRICS: "yes" }, "migrate")],
      { concurrency: 2 },
    )
    expect(served).toEqual({
      told: "parley: PORT must be a whole number from 0 to 65535.",
      code: 1,
      made: [],
    })
    expect(migrated).toEqual({ told: "parley: METRICS must be on or off.", code: 1, made: [] })
  }),
)

it.live("A port that is taken ends the start with one sentence that names it", () =>
  Effect.gen(function* () {
    const { told, code } = yield* startWith({ PORT: yield* takenPort })
    expect(told).toMatch(/^parley: PORT: \d+ is in use [^\n]*$/)
    expect(code).toBe(1)
  }),
)

/** What is said of these settings on standard error. */
const saidOf = (given: Record<string, string>) =>
  Effect.gen(function* () {
    const said: Array<unknown> = []
    const hearing = yield* Console.consoleWith((usual) =>
      Effect.succeed({
        ...usual,
        error: (...words: ReadonlyArray<unknown>) => Effect.sync(() => said.push(...words)),
      }),
    )
    const read = Effect.withConfigProvider(config, configProviderFromEnv(given))
    const { _tag } = yield* Effect.exit(Console.withConsole(explainFailure(read), hearing))
    return _tag === "Success" ? "" : said.join("\n")
  })

it.effect("A wrong setting is told in one sentence that names it, and no secret is told", () =>
  Effect.gen(function* () {
    const wrong: ReadonlyArray<readonly [name: string, value: string]> = [
      ["PORT", "99999"],
      ["LOG_LEVEL", "loud"],
      ["LOG_LEVEL", "constructor"],
      ["LOG_FORMAT", "xml"],
      ["DRAIN_TIMEOUT", "soon"],
      ["DRAIN_TIMEOUT", "-5 seconds"],
      ["TOKENS_LIMIT", "99999999999999999999"],
      ["JWT_SECRET", "too short"],
      ["OTEL_EXPORTER_OTLP_HEADERS", "a=%zz"],
      ["OTEL_EXPORTER_OTLP_HEADERS", "garbage"],
      ["OTEL_EXPORTER_OTLP_ENDPOINT", "https//me:hunter2@collector.example.com"],
      ["OPENAI_BASE_URL", "x"],
      ["CORS_ORIGINS", "foo"],
      ["PUBLIC_URL", "https//me:hunter2@chat.example.com"],
      ["RATE_LIMITS", "maybe"],
      ["RATE_LIMIT_AUTH_PER_MIN", "0"],
      ["TRUSTED_PROXIES", "x"],
      ["MODELS_TTL", "10"],
      ["LLM_STREAM_TIMEOUT", "10 millis"],
      ["LLM_IDLE_TIMEOUT", "10"],
      ["DATABASE_POOL_SIZE", "0"],
      ["PASSWORD_HASHES_AT_ONCE", "0"],
      ["ALLOW_PRIVATE_URLS", "perhaps"],
      ["ADMIN_PASSWORD", "weak-hunter2"],
    ]
    for (const [name, value] of wrong) {
      const said = yield* saidOf({ [name]: value })
      expect([value, said]).toEqual([value, expect.stringMatching(new RegExp(`^parley: ${name}[^\\n]*\\.$`))])
      expect(said.split(name).length).toBe(2)
      if (/SECRET|HEADERS|hunter2/.test(name + value)) expect(said).not.toContain(value)
      expect(said).not.toContain("hunter2")
      if (/_TIMEOUT|_TTL/.test(name)) expect(said).toContain("such as 30 seconds")
    }
    for (const METRICS of ["on", "off", "true", "FALSE", " on ", ""])
      expect(yield* saidOf({ METRICS })).toBe("")
  }),
)

/** Settings that keep the names they are asked for. */
const recording = (settings: Record<string, string> = {}) => {
  const names = new Set<string>()
  const { flattened } = configProviderFromEnv(settings)
  const provider = ConfigProvider.fromFlat(
    ConfigProvider.makeFlat({
      ...flattened,
      load: (path, primitive, split) => {
        names.add(path.join("_"))
        return flattened.load(path, primitive, split)
      },
    }),
  )
  return { names, provider }
}

const readAtOnce = Effect.gen(function* () {
  const { names, provider } = recording()
  yield* Effect.withConfigProvider(config, provider)
  return names
})

it.effect("Every setting that a server asks for is among those that are read before all else", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const { names, provider } = recording({ PORT: "0", DATA_DIR: folder })
    yield* Layer.build(
      server.pipe(
        Layer.provide(makeAppLayer(Database.layer)),
        Layer.provide([Layer.setConfigProvider(provider), Logger.minimumLogLevel(LogLevel.None)]),
      ),
    )
    const known = yield* readAtOnce
    expect(names.size).toBeGreaterThan(30)
    expect([...names].filter((name) => !known.has(name))).toEqual([])
  }),
)

it.effect("`parley settings` lists every setting, as the README does", () =>
  Effect.gen(function* () {
    const listed = listOfSettings
      .match(/^[A-Z][A-Z_, ()]+$/gm)
      ?.flatMap((names) => names.match(/[A-Z_]+/g) ?? [])
    expect(listed?.sort()).toEqual([...(yield* readAtOnce)].sort())
    expect(listOfSettings).not.toMatch(/[`|]|\]\(|^ +[.]$/m)
  }),
)
