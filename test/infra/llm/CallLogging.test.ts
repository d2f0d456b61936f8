import { describe, expect } from "bun:test"
import { Effect, Logger, Stream } from "effect"
import { it } from "../../support/it"
import {
  answer,
  disconnect,
  event,
  exactAnswer,
  finish,
  raw,
  type Script,
  status,
  usage,
  withHeaders,
} from "../../support/ScriptedProvider/Script"
import { request, withProvider } from "./providerFixtures"

const errorBody = (message: string) => ({ error: { message } })
const page = "<!doctype html>\n<title>Sign in</title> with sk-test-secret"
const asHtml = { "content-type": "text/html; charset=utf-8" }

/** Returns the log lines of calls that get this script, streamed and not, at the default level. */
const logged = (script: Script, modes: "both" | "streamed" = "both") =>
  Effect.gen(function* () {
    const lines: Array<{ level: string; annotations: Record<string, unknown> }> = []
    const logger = Logger.map(Logger.structuredLogger, ({ logLevel, annotations }) => {
      lines.push({ level: logLevel, annotations })
    })
    const { provider, stream, model } = yield* withProvider({ LLM_MAX_RETRIES: "0" })
    const calls = [Stream.runDrain(stream), model.complete(request)]
    for (const call of modes === "both" ? calls : calls.slice(0, 1)) {
      yield* provider.script(script)
      yield* Effect.either(call).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
    }
    expect(lines.length).toBe(modes === "both" ? 2 : 1)
    expect(JSON.stringify(lines)).not.toContain("secret")
    return lines
  })

const rejections: ReadonlyArray<readonly [name: string, script: Script, outcome: string, detail: string]> = [
  [
    "an invalid key",
    status(401, errorBody("Incorrect: sk-test-secret")),
    "ModelAccessDenied",
    "401 Incorrect: [hidden]",
  ],
  ["an unknown model", status(404, errorBody("no such thing")), "ModelNotFound", "404 no such thing"],
  ["an invalid request", status(400, errorBody("top_k: what?")), "ModelRequestRejected", "400 top_k: what?"],
  [
    "an HTML page",
    withHeaders(exactAnswer(raw(page)), asHtml),
    "InvalidResponse",
    "200 text/html; charset=utf-8: <!doctype html> <title>Sign in</title> with [hidden]",
  ],
]

const interruptions: ReadonlyArray<readonly [name: string, script: Script, detail: string]> = [
  ["invalid JSON", exactAnswer("so far", event("{] sk-test-secret")), "invalid JSON: {] [hidden]"],
  ["a chunk that is not an object", exactAnswer("so far", event("7")), "invalid chunk: 7"],
  ["an early end", exactAnswer("so far"), "stream ended early"],
  ["plain text", exactAnswer(raw("Service starting\n")), "stream ended early: Service starting"],
  ["the finish reason error", exactAnswer("so far", finish("error")), "finish_reason error"],
]

describe("The log of model calls", () => {
  for (const [name, script, outcome, detail] of rejections) {
    it.live(`logs ${name}, with keys redacted`, () =>
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

  for (const [name, script, detail] of interruptions) {
    it.live(`logs a stream that fails by ${name}`, () =>
      Effect.gen(function* () {
        const [line] = yield* logged(script, "streamed")
        expect([line?.level, line?.annotations.outcome, line?.annotations.detail]).toEqual([
          "WARN",
          "StreamInterrupted",
          detail,
        ])
      }),
    )
  }

  it.live("logs the system's description of a connection that dies", () =>
    Effect.gen(function* () {
      const [line] = yield* logged(answer("so far", disconnect), "streamed")
      expect(line?.annotations.outcome).toBe("StreamInterrupted")
      expect(line?.annotations.detail).toMatch(/\w/)
    }),
  )

  it.live("logs token counts that cannot be, with what is counted instead", () =>
    Effect.gen(function* () {
      for (const { level, annotations } of yield* logged(answer("so far", usage(12, 4_294_967_294)))) {
        expect([level, annotations]).toEqual([
          "WARN",
          {
            provider: "openai",
            model: "scripted",
            reported: "12 + 4294967294, total 4294967306, reasoning unknown",
            counted: "12 + 2",
          },
        ])
      }
    }),
  )

  it.live("logs an empty response at info level, because it is not an error", () =>
    Effect.gen(function* () {
      for (const { level, annotations } of yield* logged(answer(finish("length")))) {
        expect([level, annotations.outcome]).toEqual(["INFO", "EmptyResponse"])
      }
    }),
  )
})
