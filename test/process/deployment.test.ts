import { expect } from "bun:test"
import { Effect, Schema } from "effect"
import * as Server from "../support/App"
import { App } from "../support/App"
import { layer } from "../support/it"

const text = await Bun.file(new URL("../../README.md", import.meta.url)).text()

/** What the README says to save as a file, by the language that it is in. */
const snippet = (language: string) => new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "s").exec(text)?.[1] ?? ""

/** Whether the table of settings has this name. */
const isSetting = (name: string) => new RegExp(`^\\| .*\`${name}\``, "m").test(text)

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

layer(Server.layer())("What the README says of deployment", (it) => {
  it.live("is a compose file whose names lead somewhere", () =>
    Effect.gen(function* () {
      const { services, volumes } = yield* compose
      expect(Object.keys(services.parley?.environment ?? {}).filter((name) => !isSetting(name))).toEqual([])
      const named = Object.values(services).flatMap((service) =>
        service.volumes.flatMap((volume) => /^(\w+):/.exec(volume)?.[1] ?? []),
      )
      expect(named.toSorted()).toEqual(Object.keys(volumes).toSorted())
      const needed = Object.values(services).flatMap(({ depends_on = {} }) => Object.keys(depends_on))
      expect(needed.filter((name) => services[name] === undefined)).toEqual([])
    }),
  )

  it.live("asks a server how it is in a way that works", () =>
    Effect.gen(function* () {
      const [kind, program, ...args] = (yield* compose).services.parley?.healthcheck.test ?? []
      expect([kind, program]).toEqual(["CMD", "bun"])
      const asking = (url: string) =>
        Effect.promise(
          () =>
            Bun.spawn([process.execPath, ...args.map((arg) => arg.replace("http://127.0.0.1:3000", url))], {
              env: {},
              stdout: "ignore",
              stderr: "ignore",
            }).exited,
        )
      const { url } = yield* App
      expect(yield* asking(url)).toBe(0)
      expect(yield* asking(`${url}/nowhere`)).toBe(1)
    }),
  )

  it.live("is a unit file of known settings, which gives the server the time it takes to end", () =>
    Effect.sync(() => {
      const lines = snippet("ini").trim().split("\n")
      expect(lines.filter((line) => !/^(\[(Unit|Service|Install)\]|[A-Z]\w+=.+|)$/.test(line))).toEqual([])
      const said = new Map(lines.map((line) => line.split(/=(.*)/s, 2) as [string, string]))
      const names = (said.get("Environment") ?? "").split(" ").map((pair) => pair.replace(/=.*/, ""))
      expect(names.filter((name) => !isSetting(name))).toEqual([])
      expect(said.get("ExecStart")).toBe("/usr/local/bin/parley serve")
      expect(Number(said.get("TimeoutStopSec"))).toBeGreaterThan(12)
    }),
  )
})
