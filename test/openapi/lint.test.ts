import { expect } from "bun:test"
import { createConfig, lintFromString } from "@redocly/openapi-core"
import spectralCore, { type RulesetDefinition } from "@stoplight/spectral-core"
import spectralRulesets from "@stoplight/spectral-rulesets"
import { Effect } from "effect"
import * as Server from "../support/App"
import { App } from "../support/App"
import { layer } from "../support/it"

const addresses = [
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
      // The documents have such paths, and no other reading: fixed words win over parameters.
      rules: { "no-ambiguous-paths": "off" },
    }),
  })
  return problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} at ${location[0]?.pointer}`)
}

// Its own types disagree about what may be left out.
const oas = spectralRulesets.oas as RulesetDefinition

const spectral = async (source: string) => {
  const linter = new spectralCore.Spectral()
  linter.setRuleset({ extends: [[oas, "recommended"]] })
  const problems = await linter.run(source)
  return problems.map(({ code, message, path }) => `${code}: ${message} at ${path.join("/")}`)
}

layer(Server.layer({ PUBLIC_URL: "https://chat.parley.test/" }))("The OpenAPI documents", (it) => {
  for (const address of addresses) {
    it.live(`at ${address} is clean under the recommended rules of Redocly and of Spectral`, () =>
      Effect.gen(function* () {
        const { text } = yield* (yield* App).request("GET", address)
        expect(yield* Effect.promise(() => redocly(text))).toEqual([])
        expect(yield* Effect.promise(() => spectral(text))).toEqual([])
      }),
    )
  }

  it.live("are found wanting when something is wrong with them", () =>
    Effect.gen(function* () {
      const { text } = yield* (yield* App).request("GET", "/openapi/native.json")
      const worse = text.replace(
        '"operationId":"native.stopGeneration"',
        '"operationId":"native.readGeneration"',
      )
      expect(worse).not.toBe(text)
      expect((yield* Effect.promise(() => redocly(worse))).join()).toContain("operation-operationId-unique")
      expect((yield* Effect.promise(() => spectral(worse))).join()).toContain("operation-operationId-unique")
    }),
  )
})
