import { expect } from "bun:test"
import { readdirSync } from "node:fs"
import { ConfigProvider, Console, Effect, Layer, Logger, LogLevel } from "effect"
import { makeAppLayer } from "../../src/AppLayer"
import { config } from "../../src/Config"
import { configHelp } from "../../src/cli/configHelp"
import { reportFatalError } from "../../src/cli/errorReporting"
import { configProviderFromEnv } from "../../src/domain/shared/ConfigHelpers"
import { server } from "../../src/Server"
import * as Database from "../support/Database"
import { it } from "../support/it"
import { temporaryFolder } from "../support/TemporaryFolder"

const main = new URL("../..", import.meta.url).pathname

/** Returns a port that is in use. */
const portInUse = Effect.acquireRelease(
  Effect.sync(() => Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() })),
  (server) => Effect.promise(() => server.stop(true)),
).pipe(Effect.map(({ port }) => String(port)))

/** Runs a command with these variables. Returns its error message, its exit code and the files it created. */
const startWith = (variables: Record<string, string>, command = "serve") =>
  Effect.scoped(
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const child = Bun.spawn([process.execPath, "src/main.ts", command], {
        cwd: main,
        env: { PATH: process.env.PATH ?? "", DATA_DIR: folder, PORT: "0", ...variables },
        stdout: "ignore",
        stderr: "pipe",
      })
      yield* Effect.addFinalizer(() => Effect.sync(() => child.kill("SIGKILL")))
      const message = yield* Effect.promise(() => new Response(child.stderr).text())
      const code = yield* Effect.promise(() => child.exited)
      return { message: message.trim(), code, files: readdirSync(folder) }
    }),
  )

it.live("An invalid variable fails every command before it creates a database", () =>
  Effect.gen(function* () {
    const [serve, migrate] = yield* Effect.all(
      [startWith({ PORT: "abc" }), startWith({ METRICS: "yes" }, "migrate")],
      { concurrency: 2 },
    )
    expect(serve).toEqual({
      message: "parley: PORT must be a whole number from 0 to 65535.",
      code: 1,
      files: [],
    })
    expect(migrate).toEqual({ message: "parley: METRICS must be on or off.", code: 1, files: [] })
  }),
)

it.live("A port that is in use fails the start with one sentence that names it", () =>
  Effect.gen(function* () {
    const { message, code } = yield* startWith({ PORT: yield* portInUse })
    expect(message).toMatch(/^parley: PORT: \d+ is in use [^\n]*$/)
    expect(code).toBe(1)
  }),
)

/** Returns what is printed to standard error for these variables. */
const errorFor = (variables: Record<string, string>) =>
  Effect.gen(function* () {
    const output: Array<unknown> = []
    const recordingConsole = yield* Console.consoleWith((original) =>
      Effect.succeed({
        ...original,
        error: (...values: ReadonlyArray<unknown>) => Effect.sync(() => output.push(...values)),
      }),
    )
    const read = Effect.withConfigProvider(config, configProviderFromEnv(variables))
    const { _tag } = yield* Effect.exit(Console.withConsole(reportFatalError(read), recordingConsole))
    return _tag === "Success" ? "" : output.join("\n")
  })

it.effect("An invalid variable is reported in one sentence that names it and reveals no secret", () =>
  Effect.gen(function* () {
    const cases: ReadonlyArray<readonly [name: string, value: string]> = [
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
      ["SMTP_URL", "https://me:hunter2@mail.example.com"],
      ["MAIL_FROM", "Parley"],
      ["ICE_SERVERS", "stun:stun.example.com"],
      ["ICE_SERVERS", '[{"urls":"https://hunter2.example.com"}]'],
      ["ICE_SERVERS", '[{"urls":"turn:turn.example.com","credential":"hunter2"}]'],
      ["ICE_SERVERS", '[{"urls":"stun:stun.example.com","password":"hunter2"}]'],
      ["RATE_LIMITS", "maybe"],
      ["RATE_LIMIT_AUTH_PER_MIN", "0"],
      ["RATE_LIMIT_SIGN_IN_PER_HOUR", "0"],
      ["TRUSTED_PROXIES", "x"],
      ["MODELS_TTL", "10"],
      ["LLM_STREAM_TIMEOUT", "10 millis"],
      ["LLM_IDLE_TIMEOUT", "10"],
      ["DATABASE_POOL_SIZE", "0"],
      ["PASSWORD_HASHES_AT_ONCE", "0"],
      ["ALLOW_PRIVATE_URLS", "perhaps"],
      ["REGISTRATION", "on"],
      ["ADMIN_PASSWORD", "weak-hunter2"],
      ["PUBLIC_URL", "parley.example.com"],
      ["PUBLIC_URL", "ftp://parley.example.com"],
      ["CORS_ORIGINS", "https://chat.example.com/path"],
      ["TRUSTED_PROXIES", "-1"],
      ["MAX_BODY_BYTES", "much"],
      ["TOKENS_LIMIT", "-5"],
      ["MAX_OUTPUT_TOKENS", "3000000000"],
      ["CONTEXT_TOKENS", "3000000000"],
      ["MODELS_TTL", "0 seconds"],
    ]
    for (const [name, value] of cases) {
      const message = yield* errorFor({ [name]: value })
      expect([value, message]).toEqual([
        value,
        expect.stringMatching(new RegExp(`^parley: ${name}[^\\n]*\\.$`)),
      ])
      expect(message.split(name).length).toBe(2)
      if (/SECRET|HEADERS|hunter2/.test(name + value)) expect(message).not.toContain(value)
      expect(message).not.toContain("hunter2")
      if (/_TIMEOUT|_TTL/.test(name)) expect(message).toContain("such as 30 seconds")
    }
    for (const METRICS of ["on", "off", "true", "FALSE", " on ", ""])
      expect(yield* errorFor({ METRICS })).toBe("")
  }),
)

/** Makes a config provider that records the names that are read. */
const recordingProvider = (variables: Record<string, string> = {}) => {
  const names = new Set<string>()
  const { flattened } = configProviderFromEnv(variables)
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

const variablesReadAtStart = Effect.gen(function* () {
  const { names, provider } = recordingProvider()
  yield* Effect.withConfigProvider(config, provider)
  return names
})

it.effect("Every variable that a server reads is validated at start", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const { names, provider } = recordingProvider({ PORT: "0", DATA_DIR: folder })
    yield* Layer.build(
      server.pipe(
        Layer.provide(makeAppLayer(Database.layer)),
        Layer.provide([Layer.setConfigProvider(provider), Logger.minimumLogLevel(LogLevel.None)]),
      ),
    )
    const known = yield* variablesReadAtStart
    expect(names.size).toBeGreaterThan(30)
    expect([...names].filter((name) => !known.has(name))).toEqual([])
  }),
)

it.effect("`parley config` lists every variable, as the README does", () =>
  Effect.gen(function* () {
    const listed = configHelp.match(/^[A-Z_]+$/gm) ?? []
    expect(listed.toSorted()).toEqual([...(yield* variablesReadAtStart)].toSorted())
    expect(configHelp).toContain(
      "Server\n\nPORT\n    The port to listen on; 0 takes any free one.\n    Default: 3000",
    )
    expect(configHelp).not.toMatch(/[`|]|\]\(|^ +[.]$/m)
  }),
)
