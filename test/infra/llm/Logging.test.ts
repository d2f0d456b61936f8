import { describe, expect } from "bun:test"
import { Effect, Logger, Stream } from "effect"
import { it } from "../../support/it"
import {
  answer,
  disconnect,
  event,
  exactly,
  finish,
  raw,
  type Script,
  status,
  withHeaders,
} from "../../support/Provider/Script"
import { request, withProvider } from "./providerFixtures"

const said = (message: string) => ({ error: { message } })
const page = "<!doctype html>\n<title>Sign in</title> with sk-test-secret"
const asHtml = { "content-type": "text/html; charset=utf-8" }

/** What is logged of calls that are answered like this, streamed and at once, at the usual level. */
const logged = (script: Script, ways: "both" | "streamed" = "both") =>
  Effect.gen(function* () {
    const lines: Array<{ level: string; annotations: Record<string, unknown> }> = []
    const logger = Logger.map(Logger.structuredLogger, ({ logLevel, annotations }) => {
      lines.push({ level: logLevel, annotations })
    })
    const { provider, stream, model } = yield* withProvider({ LLM_MAX_RETRIES: "0" })
    const calls = [Stream.runDrain(stream), model.complete(request)]
    for (const call of ways === "both" ? calls : calls.slice(0, 1)) {
      yield* provider.script(script)
      yield* Effect.either(call).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
    }
    expect(lines.length).toBe(ways === "both" ? 2 : 1)
    expect(JSON.stringify(lines)).not.toContain("secret")
    return lines
  })

const bothWays: ReadonlyArray<readonly [name: string, script: Script, outcome: string, detail: string]> = [
  [
    "a wrong key",
    status(401, said("Incorrect: sk-test-secret")),
    "ModelAccessDenied",
    "401 Incorrect: [hidden]",
  ],
  ["a wrong model", status(404, said("no such thing")), "ModelNotFound", "404 no such thing"],
  ["a wrong request", status(400, said("top_k: what?")), "ModelRequestRejected", "400 top_k: what?"],
  [
    "a page",
    withHeaders(exactly(raw(page)), asHtml),
    "ModelAnswerUnreadable",
    "200 text/html; charset=utf-8: <!doctype html> <title>Sign in</title> with [hidden]",
  ],
]

const broken: ReadonlyArray<readonly [name: string, script: Script, detail: string]> = [
  ["garbage", exactly("so far", event("{] sk-test-secret")), "no JSON: {] [hidden]"],
  ["no object", exactly("so far", event("7")), "no chunk: 7"],
  ["an early end", exactly("so far"), "it ended early"],
  ["text that is no event", exactly(raw("Service starting\n")), "it ended early: Service starting"],
  ["an answer given up", exactly("so far", finish("error")), "finish_reason error"],
]

describe("the administrator is told of", () => {
  for (const [name, script, outcome, detail] of bothWays) {
    it.live(name, () =>
      Effect.gen(function* () {
        for (const { level, annotations } of yield* logged(script)) {
          expect([level, annotations]).toEqual([
            "WARN",
            { provider: "openai", model: "scripted", outcome, detail },
          ])
        }
      }),
    )
  }

  for (const [name, script, detail] of broken) {
    it.live(`a stream that breaks by ${name}`, () =>
      Effect.gen(function* () {
        const [line] = yield* logged(script, "streamed")
        expect([line?.level, line?.annotations.outcome, line?.annotations.detail]).toEqual([
          "WARN",
          "ModelCutOff",
          detail,
        ])
      }),
    )
  }

  it.live("a connection that dies, in the words of the system", () =>
    Effect.gen(function* () {
      const [line] = yield* logged(answer("so far", disconnect), "streamed")
      expect(line?.annotations.outcome).toBe("ModelCutOff")
      expect(line?.annotations.detail).toMatch(/\w/)
    }),
  )

  it.live("a model that said nothing, which is no fault", () =>
    Effect.gen(function* () {
      for (const { level, annotations } of yield* logged(answer(finish("length")))) {
        expect([level, annotations.outcome]).toEqual(["INFO", "ModelSaidNothing"])
      }
    }),
  )
})
