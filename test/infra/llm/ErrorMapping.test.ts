import { describe, expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../../support/it"
import {
  answer,
  disconnect,
  done,
  event,
  exactAnswer,
  finish,
  pause,
  raw,
  rawDelta,
  type Script,
  stall,
  status,
  withHeaders,
} from "../../support/ScriptedProvider/Script"
import { makeModel, readAll, request, streamAnswer, withoutLogs, withProvider } from "./providerFixtures"

const errorBody = (message: string, more: object = {}) => ({ error: { message, ...more } })
const noRetries = { LLM_MAX_RETRIES: "0" }

const interruptions: ReadonlyArray<readonly [name: string, script: Script, tag: string]> = [
  ["the connection dies", answer("so far", disconnect), "StreamInterrupted"],
  ["the body ends early", exactAnswer("so far"), "StreamInterrupted"],
  [
    "an error event arrives",
    exactAnswer("so far", event(errorBody("boom", { type: "server_error" }))),
    "ModelOverloaded",
  ],
  [
    "an event named error arrives",
    exactAnswer("so far", event({ message: "Overloaded" }, "error")),
    "ModelOverloaded",
  ],
  [
    "an error with a status as code arrives",
    exactAnswer("so far", event(errorBody("slow", { code: 429 }))),
    "ModelRateLimited",
  ],
  [
    "an unclassified error event arrives",
    exactAnswer("so far", event(errorBody("???"))),
    "StreamInterrupted",
  ],
  ["invalid JSON arrives", exactAnswer("so far", event("{]")), "StreamInterrupted"],
  ["a chunk is not an object", exactAnswer("so far", event("7")), "StreamInterrupted"],
  ["the content filter stops it", exactAnswer("so far", finish("content_filter"), done), "ContentFiltered"],
  [
    "Google's content filter stops it",
    exactAnswer("so far", finish("content_filter: PROHIBITED_CONTENT")),
    "ContentFiltered",
  ],
  [
    "the model refuses",
    exactAnswer("so far", rawDelta({ refusal: "I can't" }), finish("stop"), done),
    "ContentFiltered",
  ],
  ["the finish reason is error", exactAnswer("so far", finish("error"), done), "StreamInterrupted"],
]

describe("A stream that fails", () => {
  for (const [name, script, tag] of interruptions) {
    it.live(`keeps the text so far and fails with ${tag} when ${name}`, () =>
      Effect.gen(function* () {
        const { provider, stream } = yield* withProvider(noRetries)
        yield* provider.script(script)
        const { text, error, finished } = yield* readAll(stream)
        expect([text, error?._tag, finished]).toEqual(["so far", tag as "StreamInterrupted", undefined])
      }),
    )
  }

  it.live("succeeds when the connection dies after the finish reason", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider(noRetries)
      yield* provider.script(exactAnswer("all", finish("stop"), disconnect))
      const { text, finished } = yield* readAll(stream)
      expect([text, finished?.reason]).toEqual(["all", "stop"])
    }),
  )
})

const invalidStreams: ReadonlyArray<readonly [name: string, script: Script, tag: string]> = [
  ["an empty answer", answer(), "EmptyResponse"],
  ["an answer of white space", answer(" \n"), "EmptyResponse"],
  ["reasoning alone", answer(rawDelta({ reasoning: "hm" }), finish("length")), "EmptyResponse"],
  ["length before any text", exactAnswer(finish("length"), done), "EmptyResponse"],
  ["only the [DONE] marker", exactAnswer(done), "StreamInterrupted"],
  ["an empty body", exactAnswer(), "StreamInterrupted"],
  [
    "an HTML page",
    withHeaders(exactAnswer(raw("<html>Sign in")), { "content-type": "text/html" }),
    "InvalidResponse",
  ],
  ["plain text", exactAnswer(raw("Service starting\n")), "StreamInterrupted"],
  [
    "an error in a 200 response",
    withHeaders(exactAnswer(raw(JSON.stringify(errorBody("No endpoints found", { code: 404 })))), {
      "content-type": "application/json",
    }),
    "ModelNotFound",
  ],
]

describe("A response without an answer", () => {
  for (const [name, script, tag] of invalidStreams) {
    it.live(`fails with ${tag}: ${name}`, () =>
      Effect.gen(function* () {
        const { provider, stream } = yield* withProvider(noRetries)
        yield* provider.script(script)
        const { text, error } = yield* readAll(stream)
        expect([text.trim(), error?._tag]).toEqual(["", tag as "StreamInterrupted"])
      }),
    )
  }

  const unreachable = [
    ["the connection is refused", "http://127.0.0.1:1/v1"],
    ["the host name does not resolve", "http://nowhere.invalid/v1"],
  ] as const
  for (const [name, url] of unreachable) {
    it.live(`fails with ModelUnreachable when ${name}`, () =>
      Effect.gen(function* () {
        const model = yield* makeModel({ OPENAI_BASE_URL: url, ...noRetries })
        expect((yield* readAll(streamAnswer(model, request))).error?._tag).toBe("ModelUnreachable")
        expect((yield* Effect.flip(withoutLogs(model.complete(request))))._tag).toBe("ModelUnreachable")
      }),
    )
  }

  const invalidBodies = [
    ["an HTML page", "<html>", "text/html", "InvalidResponse"],
    ["a JSON string", '"hi"', "application/json", "InvalidResponse"],
    ["an unrelated object", '{"status":"ok"}', "application/json", "InvalidResponse"],
    ["truncated JSON", '{"choices":[', "application/json", "StreamInterrupted"],
    ["no text", '{"choices":[{"message":{"content":null}}]}', "application/json", "EmptyResponse"],
  ] as const
  for (const [name, body, type, tag] of invalidBodies) {
    it.live(`fails with ${tag} when a JSON response is expected: ${name}`, () =>
      Effect.gen(function* () {
        const { provider, stream, complete } = yield* withProvider(noRetries)
        const script = withHeaders(exactAnswer(raw(body)), { "content-type": type })
        yield* provider.script(script, script)
        expect((yield* Effect.flip(complete))._tag).toBe(tag)
        expect((yield* readAll(stream)).error?._tag).toBe(tag)
      }),
    )
  }
})

describe("Timeouts", () => {
  const cases = [
    ["nothing arrives", answer(stall), { LLM_FIRST_TOKEN_TIMEOUT: "50 millis" }, "first token"],
    [
      "only a comment arrives",
      answer(raw(": still here\n\n"), stall),
      { LLM_FIRST_TOKEN_TIMEOUT: "50 millis" },
      "first token",
    ],
    [
      "reasoning stops",
      answer(rawDelta({ reasoning: "hm" }), stall),
      { LLM_IDLE_TIMEOUT: "50 millis" },
      "first token",
    ],
    ["text stops", answer("so far", stall), { LLM_IDLE_TIMEOUT: "50 millis" }, "next token"],
  ] as const
  for (const [name, script, config, phase] of cases) {
    it.live(`aborts the request when ${name}`, () =>
      Effect.gen(function* () {
        const { provider, stream } = yield* withProvider(config)
        yield* provider.script(script)
        const { error } = yield* readAll(stream)
        expect(error).toMatchObject({ _tag: "ModelTimedOut", phase })
        expect(yield* (yield* provider.received(0)).outcome).toBe("aborted")
      }),
    )
  }

  it.live("waits as long as the provider shows that it is alive", () =>
    Effect.gen(function* () {
      const timeouts = { LLM_FIRST_TOKEN_TIMEOUT: "1 second", LLM_IDLE_TIMEOUT: "1 second" }
      const { provider, stream } = yield* withProvider(timeouts)
      const comments = Array.from({ length: 6 }, () => [pause(250), raw(": still here\n\n")]).flat()
      yield* provider.script(answer(...comments, "so far", ...comments, ", and on"))
      expect((yield* readAll(stream)).text).toBe("so far, and on")
    }),
  )

  it.live("times out while the body of an error response stalls", () =>
    Effect.gen(function* () {
      const timeouts = { LLM_FIRST_TOKEN_TIMEOUT: "50 millis", LLM_ANSWER_TIMEOUT: "50 millis", ...noRetries }
      const { provider, stream, complete } = yield* withProvider(timeouts)
      yield* provider.script(status(500, stall), status(500, stall))
      expect((yield* readAll(stream)).error).toMatchObject({ _tag: "ModelTimedOut" })
      expect(yield* Effect.flip(complete)).toMatchObject({ _tag: "ModelTimedOut" })
    }),
  )

  it.live("times out a call that is not streamed", () =>
    Effect.gen(function* () {
      const { provider, complete } = yield* withProvider({ LLM_ANSWER_TIMEOUT: "50 millis" })
      yield* provider.script(answer(stall))
      expect((yield* Effect.flip(complete)).message).toBe("OpenAI took too long to send the answer.")
      expect(yield* (yield* provider.received(0)).outcome).toBe("aborted")
    }),
  )
})

describe("A provider's error message", () => {
  it.live("passes the provider's message on in ModelRequestRejected without keys and URLs", () =>
    Effect.gen(function* () {
      const { provider, complete } = yield* withProvider(noRetries)
      const message =
        "Unsupported value 'x'\n with key sk-test-secret (Bearer sk-other-key) at https://user:pass@host/v1?key=k"
      yield* provider.script(status(400, errorBody(message)))
      expect((yield* Effect.flip(complete)).message).toBe(
        "OpenAI rejected the request: Unsupported value 'x' with key [hidden] ([hidden] at [address]",
      )
    }),
  )
})
