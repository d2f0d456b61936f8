import { expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../support/it"
import { checked, type Files } from "./Project"

/** A whole small project with which every check is content, but for packages that it does not use. */
const sound: Files = {
  "src/main.ts": `import { greeting } from "./domain/greeting"\n\nprocess.stdout.write(greeting)\n`,
  "src/domain/greeting.ts": `export const greeting = "hello"\n`,
  "test/greeting.test.ts": `import { greeting } from "../src/domain/greeting"\n\ngreeting.trim()\n`,
}

/** What is wrong with one file, by the names the tools have for it. */
interface Flaw {
  readonly path: string
  readonly content: string
  readonly told: ReadonlyArray<string>
}

const flaws: Readonly<Record<string, ReadonlyArray<Flaw>>> = {
  lint: [
    { path: "src/Format.ts", content: "export const a = 'b';\n", told: ["src/Format.ts format"] },
    { path: "src/Any.ts", content: "export const a = (b: any) => b\n", told: ["noExplicitAny"] },
    {
      path: "src/Bang.ts",
      content: "export const a = (b?: string) => b!.length\n",
      told: ["noNonNullAssertion"],
    },
    { path: "src/Long.ts", content: "export {}\n".repeat(251), told: ["noExcessiveLinesPerFile"] },
    { path: "src/Barrel.ts", content: `export * from "./Any"\n`, told: ["noReExportAll"] },
    {
      path: "src/Floating.ts",
      content: "const later = async () => 1\n\nexport const a = () => {\n  later()\n}\n",
      told: ["noFloatingPromises"],
    },
    {
      path: "test/skip.test.ts",
      content: `import { test } from "bun:test"\n\ntest.skip("a", () => {})\ntest.only("b", () => {})\n`,
      told: ["noSkippedTests", "noFocusedTests"],
    },
    {
      path: "src/domain/Bun.ts",
      content: "export const a = Bun.version\n",
      told: ["src/domain/Bun.ts:1:18 lint/style/noRestrictedGlobals"],
    },
    {
      path: "src/domain/Global.ts",
      content: "export const a = globalThis.Bun\n",
      told: ["src/domain/Global.ts:1:18 lint/style/noRestrictedGlobals"],
    },
    {
      path: "src/domain/Env.ts",
      content: "export const a = process.env\n",
      told: ["src/domain/Env.ts:1:18 lint/style/noProcessEnv"],
    },
  ],
  types: [
    {
      path: "src/Wrong.ts",
      content: "export const a: string = 1\n",
      told: ["src/Wrong.ts(1,14): error TS2322"],
    },
    {
      path: "test/wrong.ts",
      content: "export const a = (unused: string) => 1\n",
      told: ["test/wrong.ts(1,19): error TS6133"],
    },
  ],
  "dead-code": [
    {
      path: "src/Dead.ts",
      content: "export {}\n",
      told: ["Unused files", "src/Dead.ts", "Unused dependencies", "openai"],
    },
    {
      path: "src/domain/greeting.ts",
      content: `export const greeting = "hello"\nexport const unheard = 1\n`,
      told: ["unheard  src/domain/greeting.ts"],
    },
  ],
}

for (const [check, found] of Object.entries(flaws)) {
  it.live(`${check} names what is wrong`, () =>
    Effect.gen(function* () {
      const broken = Object.fromEntries(found.map(({ path, content }) => [path, content]))
      const outcome = yield* checked(check, { ...sound, ...broken })
      for (const told of found.flatMap((flaw) => flaw.told)) expect(outcome.output).toContain(told)
      expect(outcome).toMatchObject({ passed: 0, failed: 1 })
    }),
  )
}

for (const check of ["types", "dead-code"]) {
  it.live(`${check} fails when there is nothing to check`, () =>
    Effect.map(checked(check, {}), (outcome) => expect(outcome).toMatchObject({ passed: 0, failed: 1 })),
  )
}

it.live("lint fails when it reads fewer files than there are", () =>
  Effect.gen(function* () {
    const biome = `{ "files": { "includes": ["src/main.ts"] }, "formatter": { "enabled": false } }\n`
    const outcome = yield* checked("lint", { ...sound, "biome.json": biome })
    expect(outcome.failed).toBe(1)
    expect(outcome.output).toMatch(/read \d of 3 files/)
  }),
)
