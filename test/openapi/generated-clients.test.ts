import { expect } from "bun:test"
import { join } from "node:path"
import { createClient } from "@hey-api/openapi-ts"
import { Effect } from "effect"
import openapiTypes, { astToString } from "openapi-typescript"
import { generate } from "orval"
import * as Server from "../support/App"
import { App } from "../support/App"
import { layer } from "../support/it"
import { temporaryFolder } from "../support/TemporaryFolder"

/** Uses each client in ways that compile only if errors, bodies and stream events have exact types. */
const consumer = `
import type { ChatguideGetChatError, NativeReadGenerationResponses, UnichatCreateConfigError } from "./hey/types.gen"
import type { ErrorResponse, chatguideGetChatResponseError } from "./orval"
import type { components, operations } from "./types"

type IsExact<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type Code<E> = E extends { code: infer C; error: string; requestId: string } ? C : never
type Declared = operations["chatguide.getChat"]["responses"][404]["content"]["application/json"]

export const exact: [
  IsExact<Code<ChatguideGetChatError>, string>,
  IsExact<Code<UnichatCreateConfigError>, string>,
  IsExact<Code<chatguideGetChatResponseError["data"]>, string>,
  IsExact<Code<ErrorResponse>, string>,
  IsExact<Declared, components["schemas"]["ChatGuideError"]>,
  IsExact<Extract<NativeReadGenerationResponses[200], { type: "delta" }>["text"], string>,
] = [true, true, true, true, true, true]

export const wrong: IsExact<ChatguideGetChatError, unknown> = MARK
`

const compilerOptions = {
  strict: true,
  noEmit: true,
  target: "ESNext",
  module: "Preserve",
  moduleResolution: "bundler",
  lib: ["ESNext", "DOM", "DOM.Iterable"],
  types: [],
}

const compiler = join(import.meta.dir, "../../node_modules/.bin/tsc")

/** Compiles the TypeScript files in a folder; returns the compiler's messages. */
const compile = async (folder: string) => {
  const compilation = Bun.spawn(["bun", compiler, "--project", folder], { stdout: "pipe", stderr: "pipe" })
  return await new Response(compilation.stdout).text()
}

layer(Server.layer())("Clients generated from /openapi.json", (it) => {
  it.live(
    "compiles them strictly, with typed errors and stream events",
    () =>
      Effect.gen(function* () {
        const { text } = yield* (yield* App).request("GET", "/openapi.json")
        const folder = yield* temporaryFolder
        const at = (name: string) => join(folder, name)
        yield* Effect.promise(async () => {
          await Bun.write(at("openapi.json"), text)
          await Bun.write(at("tsconfig.json"), JSON.stringify({ compilerOptions }))
          await Bun.write(at("types.ts"), astToString(await openapiTypes(JSON.parse(text))))
          await createClient({
            input: at("openapi.json"),
            output: at("hey"),
            logs: { level: "silent", file: false },
            plugins: ["@hey-api/typescript", "@hey-api/sdk", "@hey-api/client-fetch"],
          })
          await generate({
            input: { target: at("openapi.json") },
            output: { target: at("orval.ts"), client: "fetch", mode: "single" },
          })
          await Bun.write(at("consumer.ts"), consumer.replace("MARK", "false"))
          expect(await compile(folder)).toBe("")
          await Bun.write(at("consumer.ts"), consumer.replace("MARK", "true"))
          expect(await compile(folder)).toContain("Type 'true' is not assignable to type 'false'")
        })
      }),
    { timeout: 120_000 },
  )
})
