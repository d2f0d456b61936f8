import { expect } from "bun:test"
import { createConfig, lintFromString } from "@redocly/openapi-core"
import spectralCore, { type RulesetDefinition } from "@stoplight/spectral-core"
import spectralRulesets from "@stoplight/spectral-rulesets"
import { Effect } from "effect"
import * as Server from "../support/App"
import { App } from "../support/App"
import { layer } from "../support/it"

const paths = [
  "/openapi.json",
  "/openapi/account.json",
  "/openapi/chatguide.json",
  "/openapi/native.json",
  "/openapi/unichat.json",
]

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
      // The health check accepts every request.
      .filter((problem) => !/^operation-4xx-response: .*\/~1api~1health\//.test(problem))
  )
}

// The types of the two packages disagree about optional properties.
const oas = spectralRulesets.oas as RulesetDefinition

const spectral = async (source: string) => {
  const linter = new spectralCore.Spectral()
  linter.setRuleset({ extends: [[oas, "recommended"]] })
  const problems = await linter.run(source)
  return problems.map(({ code, message, path }) => `${code}: ${message} at ${path.join("/")}`)
}

layer(Server.layer({ PUBLIC_URL: "https://chat.parley.test/" }))("OpenAPI documents", (it) => {
  for (const path of paths) {
    it.live(`passes the recommended rules of Redocly and Spectral at ${path}`, () =>
      Effect.gen(function* () {
        const { text } = yield* (yield* App).request("GET", path)
        expect(yield* Effect.promise(() => redocly(text))).toEqual([])
        expect(yield* Effect.promise(() => spectral(text))).toEqual([])
      }),
    )
  }

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
