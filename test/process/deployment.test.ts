import { expect } from "bun:test"
import { Effect, Schema } from "effect"
import * as Server from "../support/App"
import { App } from "../support/App"
import { layer } from "../support/it"

const readme = await Bun.file(new URL("../../README.md", import.meta.url)).text()

/** Returns the README's code block in this language. */
const snippet = (language: string) =>
  new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "s").exec(readme)?.[1] ?? ""

/** Returns whether the README's table of variables lists this name. */
const isVariable = (name: string) => new RegExp(`^\\| .*\`${name}\``, "m").test(readme)

const Compose = Schema.Struct({
  services: Schema.Record({
    key: Schema.String,
    value: Schema.Struct({
      image: Schema.String.pipe(Schema.pattern(/^[\w/]+:\d[\d.]*$/)),
      working_dir: Schema.optional(Schema.String),
      command: Schema.optional(Schema.String),
      environment: Schema.Record({ key: Schema.String, value: Schema.String }),
      volumes: Schema.Array(Schema.String),
      ports: Schema.optional(Schema.Array(Schema.String)),
      stop_grace_period: Schema.optional(Schema.String),
      healthcheck: Schema.Struct({
        test: Schema.NonEmptyArray(Schema.String),
        interval: Schema.optional(Schema.String),
        start_period: Schema.optional(Schema.String),
        retries: Schema.optional(Schema.Int),
      }),
      depends_on: Schema.optional(
        Schema.Record({
          key: Schema.String,
          value: Schema.Struct({ condition: Schema.Literal("service_healthy") }),
        }),
      ),
    }),
  }),
  volumes: Schema.Record({ key: Schema.String, value: Schema.Struct({}) }),
})

const compose = Schema.decodeUnknown(Compose, { onExcessProperty: "error" })(Bun.YAML.parse(snippet("yaml")))

layer(Server.layer())("The README's deployment instructions", (it) => {
  it.live("contain a valid compose file with known variables, volumes and services", () =>
    Effect.gen(function* () {
      const { services, volumes } = yield* compose
      expect(Object.keys(services.parley?.environment ?? {}).filter((name) => !isVariable(name))).toEqual([])
      const usedVolumes = Object.values(services).flatMap((service) =>
        service.volumes.flatMap((volume) => /^(\w+):/.exec(volume)?.[1] ?? []),
      )
      expect(usedVolumes.toSorted()).toEqual(Object.keys(volumes).toSorted())
      const needed = Object.values(services).flatMap(({ depends_on = {} }) => Object.keys(depends_on))
      expect(needed.filter((name) => services[name] === undefined)).toEqual([])
    }),
  )

  it.live("contain a working health check", () =>
    Effect.gen(function* () {
      const [kind, program, ...args] = (yield* compose).services.parley?.healthcheck.test ?? []
      expect([kind, program]).toEqual(["CMD", "bun"])
      const checkHealth = (url: string) =>
        Effect.promise(
          () =>
            Bun.spawn([process.execPath, ...args.map((arg) => arg.replace("http://127.0.0.1:3000", url))], {
              env: {},
              stdout: "ignore",
              stderr: "ignore",
            }).exited,
        )
      const { url } = yield* App
      expect(yield* checkHealth(url)).toBe(0)
      expect(yield* checkHealth(`${url}/nowhere`)).toBe(1)
    }),
  )

  it.live("contain a unit file with known variables and enough time to shut down", () =>
    Effect.sync(() => {
      const lines = snippet("ini").trim().split("\n")
      expect(lines.filter((line) => !/^(\[(Unit|Service|Install)\]|[A-Z]\w+=.+|)$/.test(line))).toEqual([])
      const entries = new Map(lines.map((line) => line.split(/=(.*)/s, 2) as [string, string]))
      const names = (entries.get("Environment") ?? "").split(" ").map((pair) => pair.replace(/=.*/, ""))
      expect(names.filter((name) => !isVariable(name))).toEqual([])
      expect(entries.get("ExecStart")).toBe("/usr/local/bin/parley serve")
      expect(Number(entries.get("TimeoutStopSec"))).toBeGreaterThan(12)
    }),
  )
})
