import { expect } from "bun:test"
import { Effect, Schema } from "effect"
import { engines } from "../../package.json"
import { config } from "../../src/Config"
import { configProviderFromEnv } from "../../src/domain/shared/ConfigHelpers"
import * as Server from "../support/App"
import { App } from "../support/App"
import { it, layer } from "../support/it"

const root = new URL("../../", import.meta.url)

const read = (path: string) => Bun.file(new URL(path, root)).text()

const [readme, dockerfile, dockerignore, compose, envExample] = await Promise.all([
  read("README.md"),
  read("Dockerfile"),
  read(".dockerignore"),
  read("compose.yaml"),
  read(".env.example"),
])

/** The names in the README's tables of configuration variables. */
const variables = new Set(Array.from(readme.matchAll(/^\| `([A-Z_]+)` *\|/gm), ([, name = ""]) => name))

const unknownVariables = (names: Iterable<string>) => [...names].filter((name) => !variables.has(name))

/** The lines `#NAME=value` of .env.example, or with another prefix the lines `NAME=value`. */
const assignments = (prefix: "#" | "") =>
  Array.from(
    envExample.matchAll(new RegExp(`^${prefix}([A-Z_]+)=(.*)$`, "gm")),
    ([, name = "", value = ""]) => [name, value] as const,
  )

it.effect(".env.example lists the README's configuration variables, commented out with their defaults", () =>
  Effect.gen(function* () {
    const entries = assignments("#")
    expect(entries.map(([name]) => name)).toEqual([...variables])
    const readFrom = (env: Record<string, string>) =>
      Effect.withConfigProvider(config, configProviderFromEnv(env))
    expect(yield* readFrom(Object.fromEntries(entries))).toEqual(yield* readFrom({}))
  }),
)

it.effect(".env.example explains every variable in the line above it", () =>
  Effect.sync(() => {
    const lines = envExample.split("\n")
    const unexplained = lines.filter(
      (line, index) => /^#?[A-Z_]+=/.test(line) && !/^# [A-Z].+\.$/.test(lines[index - 1] ?? ""),
    )
    expect(unexplained).toEqual([])
  }),
)

const HealthCheck = Schema.Struct({
  test: Schema.NonEmptyArray(Schema.String),
  interval: Schema.optional(Schema.String),
  retries: Schema.optional(Schema.Int),
})

const Service = Schema.Struct({
  build: Schema.optional(Schema.Literal(".")),
  image: Schema.optional(Schema.String.pipe(Schema.pattern(/^[\w/]+:\d[\d.]*$/))),
  restart: Schema.Literal("unless-stopped"),
  env_file: Schema.optional(Schema.Literal(".env")),
  environment: Schema.Record({ key: Schema.String, value: Schema.String }),
  ports: Schema.optional(Schema.Array(Schema.String)),
  volumes: Schema.Array(Schema.String),
  healthcheck: Schema.optional(HealthCheck),
  stop_grace_period: Schema.optional(Schema.String.pipe(Schema.pattern(/^\d+s$/))),
  depends_on: Schema.optional(
    Schema.Record({
      key: Schema.String,
      value: Schema.Struct({ condition: Schema.Literal("service_healthy") }),
    }),
  ),
}).pipe(Schema.filter(({ build, image }) => (build === undefined) !== (image === undefined)))

const Compose = Schema.Struct({
  services: Schema.Struct({ parley: Service, postgres: Service }),
  volumes: Schema.Record({ key: Schema.String, value: Schema.Struct({}) }),
})

const decodeCompose = Schema.decodeUnknown(Compose, { onExcessProperty: "error" })(Bun.YAML.parse(compose))

it.effect("compose.yaml is valid, runs Parley and PostgreSQL, and names known variables and volumes", () =>
  Effect.gen(function* () {
    const { services, volumes } = yield* decodeCompose
    expect(unknownVariables(Object.keys(services.parley.environment))).toEqual([])
    const mounted = Object.values(services).flatMap((service) =>
      service.volumes.map((volume) => volume.replace(/:.*/, "")),
    )
    expect(mounted.toSorted()).toEqual(Object.keys(volumes).toSorted())
    expect(Object.keys(services.parley.depends_on ?? {})).toEqual(["postgres"])
    expect(services.postgres.healthcheck?.test[0]).toBe("CMD")
    expect(Number.parseInt(services.parley.stop_grace_period ?? "", 10)).toBeGreaterThan(12)
  }),
)

it.effect(".env.example sets exactly the variables that only compose.yaml reads", () =>
  Effect.sync(() => {
    const interpolated = new Set(Array.from(compose.matchAll(/\$\{(\w+)/g), ([, name = ""]) => name))
    expect(assignments("").map(([name]) => name)).toEqual(unknownVariables(interpolated))
  }),
)

it.effect("Dockerfile builds the image with the version of Bun that package.json requires", () =>
  Effect.sync(() => {
    const versions = Array.from(dockerfile.matchAll(/oven\/bun:(\S+)/g), ([, version]) => `>=${version}`)
    expect(versions).toEqual([engines.bun])
  }),
)

it.live(".dockerignore excludes no file that the build reads", () =>
  Effect.gen(function* () {
    const sent = Array.from(dockerignore.matchAll(/^!(.+)$/gm), ([, path = ""]) => path)
    const isSent = (file: string) => sent.some((path) => file === path || file.startsWith(`${path}/`))
    const { metafile } = yield* Effect.promise(() =>
      Bun.build({ entrypoints: [new URL("src/main.ts", root).pathname], target: "bun", metafile: true }),
    )
    const inputs = Object.keys(metafile?.inputs ?? {}).filter((file) => !/^\w+:|node_modules\//.test(file))
    expect(inputs).toContain("src/main.ts")
    expect(inputs.filter((file) => !isSent(file))).toEqual([])
    const copied = /^COPY (package\.json .*) \.\/$/m.exec(dockerfile)?.[1]?.split(" ") ?? []
    expect(copied).toContain("bun.lock")
    expect(copied.filter((file) => !isSent(file))).toEqual([])
  }),
)

/** The unit file in the README. */
const unit = /```ini\n(.*?)```/s.exec(readme)?.[1] ?? ""

it.effect("The README's systemd unit sets known variables and leaves enough time to shut down", () =>
  Effect.sync(() => {
    const lines = unit.trim().split("\n")
    expect(lines.filter((line) => !/^(\[(Unit|Service|Install)\]|[A-Z]\w+=.+|)$/.test(line))).toEqual([])
    const entries = new Map(lines.map((line) => line.split(/=(.*)/s, 2) as [string, string]))
    const names = (entries.get("Environment") ?? "").split(" ").map((pair) => pair.replace(/=.*/, ""))
    expect(unknownVariables(names)).toEqual([])
    expect(entries.get("ExecStart")).toBe("/usr/local/bin/parley serve")
    expect(Number(entries.get("TimeoutStopSec"))).toBeGreaterThan(12)
  }),
)

const HealthCheckCommand = Schema.parseJson(
  Schema.Tuple([Schema.Literal("env"), Schema.String, Schema.Literal("parley")], Schema.String),
)

/** Runs the image's health check, with the built binary if there is one and otherwise with Bun itself. Returns its exit code. */
const checkHealth = Effect.fnUntraced(function* (port: string | number | undefined) {
  const command = /^HEALTHCHECK .*\\\n +CMD (\[.*\])$/m.exec(dockerfile)?.[1]
  const [env, variable, , ...args] = yield* Schema.decodeUnknown(HealthCheckCommand)(command)
  const binary = process.env.PARLEY_BINARY || process.execPath
  const child = Bun.spawn([env, variable, binary, ...args], {
    env: { PATH: process.env.PATH ?? "", PORT: String(port) },
    stdout: "ignore",
    stderr: "ignore",
  })
  return yield* Effect.promise(() => child.exited)
})

layer(Server.layer())("The image's health check", (it) => {
  it.live("succeeds for a running server", () =>
    Effect.gen(function* () {
      const { url } = yield* App
      expect(yield* checkHealth(new URL(url).port)).toBe(0)
    }),
  )

  it.live("fails for a server that is unavailable or does not answer", () =>
    Effect.gen(function* () {
      const unavailable = Bun.serve({ port: 0, fetch: () => new Response("", { status: 503 }) })
      expect(yield* checkHealth(unavailable.port)).toBe(1)
      yield* Effect.promise(() => unavailable.stop(true))
      expect(yield* checkHealth(unavailable.port)).toBe(1)
    }),
  )
})
