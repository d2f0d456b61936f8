import { expect } from "bun:test"
import { createConfig, lintFromString } from "@redocly/openapi-core"
import spectralCore, { type RulesetDefinition } from "@stoplight/spectral-core"
import spectralRulesets from "@stoplight/spectral-rulesets"
import { Effect } from "effect"
import * as Server from "../support/App"
import { App } from "../support/App"
import { layer } from "../support/it"

const redocly = async (source: string) => {
  const problems = await lintFromString({
    source,
    config: await createConfig({
      extends: ["recommended"],
      // The contracts fix such paths; literal segments take precedence over parameters.
      rules: { "no-ambiguous-paths": "off" },
    }),
  })
  return (
    problems
      .map(({ ruleId, message, location }) => `${ruleId}: ${message} at ${location[0]?.pointer}`)
      // The health check accepts every request, and a WebSocket's handshake succeeds with 101.
      .filter((problem) => !/^operation-4xx-response: .*\/~1api~1health\//.test(problem))
      .filter((problem) => !/^operation-2xx-response: .*\/~1v1~1ws~1/.test(problem))
  )
}

// The types of the two packages disagree about optional properties.
const oas = spectralRulesets.oas as RulesetDefinition

const spectral = async (source: string) => {
  const linter = new spectralCore.Spectral()
  linter.setRuleset({ extends: [[oas, "recommended"]] })
  const problems = await linter.run(source)
  return problems
    .map(({ code, message, path }) => `${code}: ${message} at ${path.join("/")}`)
    .filter((problem) => !/^operation-success-response: .*\/v1\/ws\//.test(problem))
}

layer(Server.layer({ PUBLIC_URL: "https://chat.parley.test/" }))("OpenAPI documents", (it) => {
  it.live(
    "passes the recommended rules of Redocly and Spectral",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const { openapi } = (yield* app.request("GET", "/")).json as { openapi: Array<string> }
        expect(openapi.length).toBeGreaterThan(4)
        for (const path of openapi) {
          const { text } = yield* app.request("GET", path)
          expect([path, yield* Effect.promise(() => redocly(text))]).toEqual([path, []])
          expect([path, yield* Effect.promise(() => spectral(text))]).toEqual([path, []])
        }
      }),
    { timeout: 240_000 },
  )

  it.live("fails the rules when a mistake is introduced", () =>
    Effect.gen(function* () {
      const { text } = yield* (yield* App).request("GET", "/openapi/native.json")
      const invalid = text.replace(
        '"operationId":"native.stopGeneration"',
        '"operationId":"native.readGeneration"',
      )
      expect(invalid).not.toBe(text)
      expect((yield* Effect.promise(() => redocly(invalid))).join()).toContain("operation-operationId-unique")
      expect((yield* Effect.promise(() => spectral(invalid))).join()).toContain(
        "operation-operationId-unique",
      )
    }),
  )
})
