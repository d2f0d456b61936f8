import { expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../support/it"
import { checked, type Files } from "./Project"

const lawful: Files = {
  "src/main.ts": `import "./Domains"\nimport "./infra/Http/Server"\nimport "./infra/Sql/Migrations"\nimport "./wire/Chat/Api"\nimport "./domain/people/Users"`,
  "src/Domains.ts": `import "./domain/shop/Orders"\nimport "./infra/Clock"`,
  "src/infra/Clock.ts": `import "node:fs"\nimport "../domain/shop/Clock"`,
  "src/infra/Http/Server.ts": `import "bun"`,
  "src/infra/Sql/Migrations.ts": `import "@effect/sql-pg"`,
  "src/domain/kernel/Ids.ts": `import "effect"\nexport type Id = string`,
  "src/domain/shop/Clock.ts": `import type { Id } from "../kernel/Ids"\nexport type Tick = Id`,
  "src/domain/shop/Orders.ts": `import "./Orders/Repo"\nimport "../people/Users"`,
  "src/domain/shop/Orders/Repo.ts": `import "@effect/sql"\nimport "./Model"\nexport type Row = string`,
  "src/domain/shop/Orders/Model.ts": `import "../../people/Users/Errors"`,
  "src/domain/people/Users.ts": `import "./Users/Errors"`,
  "src/domain/people/Users/Errors.ts": `import "effect/Data"`,
  "src/wire/Chat/Api.ts": `import "@effect/platform"\nimport "../../domain/shop/Orders/Model"\nimport "../frame/Sse"`,
  "src/wire/frame/Sse.ts": `import type { Id } from "../../domain/kernel/Ids"\nexport type Frame = Id`,
  "test/orders.test.ts": `import "bun:test"\nimport "../src/domain/shop/Orders/Repo"\nimport "../src/infra/Clock"`,
}

/** Each of these files breaks the rules named beside it, and no other. */
const broken: Readonly<Record<string, readonly [content: string, ...rules: ReadonlyArray<string>]>> = {
  "src/domain/a/Http.ts": [`import type {} from "@effect/platform"`, "domain-stands-alone"],
  "src/domain/a/Driver.ts": [`import "@effect/sql-pg"`, "domain-stands-alone"],
  "src/domain/a/Bun.ts": [`import "bun"`, "domain-stands-alone"],
  "src/domain/a/Sqlite.ts": [`import "bun:sqlite"`, "domain-stands-alone"],
  "src/domain/a/Node.ts": [`import "node:fs"`, "domain-stands-alone"],
  "src/domain/a/Infra.ts": [`import { type x } from "../../infra/Clock"`, "domain-stands-alone"],
  "src/domain/a/Wire.ts": [`export type T = Array<import("../../wire/Chat/Api").T>`, "domain-stands-alone"],
  "src/domain/a/Root.ts": [`import "../../Settings"`, "domain-stands-alone", "the-root-is-on-top"],
  "src/domain/shop/Carts.ts": [`import "./Orders/Repo"`, "rooms-are-private"],
  "src/domain/shop/Carts/Rules.ts": [`import type {} from "../Orders/Repo"`, "rooms-are-private"],
  "src/infra/Peek.ts": [`import "../domain/shop/Orders/Repo"`, "rooms-are-private-from-outside-the-domain"],
  "src/infra/Spoken.ts": [`import "../wire/Chat/Api"`, "infra-is-not-spoken-to"],
  "src/wire/Chat/Peek.ts": [
    `export * from "../../domain/shop/Orders/Repo"`,
    "rooms-are-private-from-outside-the-domain",
  ],
  "src/wire/Chat/Sql.ts": [
    `export const load = () => import("../../infra/Clock")`,
    "wire-stands-on-the-domain",
  ],
  "src/wire/Talk/Api.ts": [`import type {} from "../Chat/Api"`, "contracts-are-separate"],
  "src/wire/frame/Chat.ts": [`import "../Chat/Api"`, "contracts-are-separate"],
  "src/wire/frame/Orders.ts": [`import "../../domain/shop/Orders"`, "frames-know-no-rooms"],
  "src/Settings.ts": [`import "./infra/Clock"`, "only-domains-joins"],
  "src/infra/Root.ts": [`import "../Settings"`, "the-root-is-on-top"],
  "src/infra/Tested.ts": [`import "../../test/support"`, "product-needs-no-tests"],
  "src/infra/Tool.ts": [`import "fast-xml-parser"`, "product-needs-no-tools"],
  "src/infra/Lost.ts": [`import "./Nowhere"`, "nothing-missing"],
  "src/infra/Ring.ts": [`import type {} from "./Ring/Other"`, "no-cycles"],
  "src/infra/Ring/Other.ts": [`import "../Ring"`],
  "test/support.ts": [""],
}

const violations = (files: Files) =>
  Effect.map(checked("boundaries", files), (outcome) => {
    const lines = outcome.output.matchAll(/error (\S+): (\S+) →/g)
    return { outcome, found: [...lines].map(([, rule, file]) => `${rule}: ${file}`).sort() }
  })

const contents = Object.fromEntries(Object.entries(broken).map(([file, [content]]) => [file, content]))

it.live("lets lawful imports pass", () =>
  Effect.map(violations(lawful), ({ outcome, found }) => {
    expect(found).toEqual([])
    expect(outcome).toEqual({ passed: 1, failed: 0, skipped: [], output: "" })
  }),
)

it.live("reports every unlawful import, of types too, and only those", () =>
  Effect.map(violations({ ...lawful, ...contents }), ({ outcome, found }) => {
    const expected = Object.entries(broken).flatMap(([file, [, ...rules]]) =>
      rules.map((rule) => `${rule}: ${file}`),
    )
    expect(found).toEqual(expected.sort())
    expect(outcome.failed).toBe(1)
  }),
)

it.live("fails when there is nothing to check", () =>
  Effect.gen(function* () {
    const outcome = yield* checked("boundaries", {
      "tsconfig.json": `{ "include": ["one.ts"] }`,
      "one.ts": "",
    })
    expect(outcome.failed).toBe(1)
    expect(outcome.output).toContain("read 0 of 0 files")
  }),
)
