import { describe, expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../../support/it"
import {
  answer,
  disconnect,
  done,
  event,
  exactly,
  finish,
  raw,
  rawDelta,
  type Script,
  stall,
  status,
  withHeaders,
} from "../../support/Provider/Script"
import { configured, quietly, readAll, request, spoken, withProvider } from "./providerFixtures"

const said = (message: string, more: object = {}) => ({ error: { message, ...more } })
const noRetries = { LLM_MAX_RETRIES: "0" }

const breaks: ReadonlyArray<readonly [name: string, script: Script, tag: string]> = [
  ["the connection dies", answer("so far", disconnect), "ModelCutOff"],
  ["the body ends without a word", exactly("so far"), "ModelCutOff"],
  [
    "an error event comes",
    exactly("so far", event(said("boom", { type: "server_error" }))),
    "ModelOverloaded",
  ],
  [
    "an event named error comes",
    exactly("so far", event({ message: "Overloaded" }, "error")),
    "ModelOverloaded",
  ],
  [
    "an error with a status as code comes",
    exactly("so far", event(said("slow", { code: 429 }))),
    "ModelRateLimited",
  ],
  ["an error nobody knows comes", exactly("so far", event(said("???"))), "ModelCutOff"],
  ["garbage comes", exactly("so far", event("{]")), "ModelCutOff"],
  ["something that is no object comes", exactly("so far", event("7")), "ModelCutOff"],
  ["the filter strikes", exactly("so far", finish("content_filter"), done), "ContentRefused"],
  [
    "Google's filter strikes",
    exactly("so far", finish("content_filter: PROHIBITED_CONTENT")),
    "ContentRefused",
  ],
  [
    "the model refuses",
    exactly("so far", rawDelta({ refusal: "I can't" }), finish("stop"), done),
    "ContentRefused",
  ],
  ["the answer is given up", exactly("so far", finish("error"), done), "ModelCutOff"],
]

describe("an answer that breaks keeps what was said, when", () => {
  for (const [name, script, tag] of breaks) {
    it.live(`${name}: ${tag}`, () =>
      Effect.gen(function* () {
        const { provider, stream } = yield* withProvider(noRetries)
        yield* provider.script(script)
        const { text, error, finished } = yield* readAll(stream)
        expect([text, error?._tag, finished]).toEqual(["so far", tag as "ModelCutOff", undefined])
      }),
    )
  }

  it.live("but not when it breaks after its end", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider(noRetries)
      yield* provider.script(exactly("all", finish("stop"), disconnect))
      const { text, finished } = yield* readAll(stream)
      expect([text, finished?.reason]).toEqual(["all", "stop"])
    }),
  )
})

const empties: ReadonlyArray<readonly [name: string, script: Script, tag: string]> = [
  ["an empty answer", answer(), "ModelSaidNothing"],
  ["an answer of spaces", answer(" \n"), "ModelSaidNothing"],
  ["thoughts alone", answer(rawDelta({ reasoning: "hm" }), finish("length")), "ModelSaidNothing"],
  ["length before any text", exactly(finish("length"), done), "ModelSaidNothing"],
  ["only the marker", exactly(done), "ModelCutOff"],
  ["no body", exactly(), "ModelCutOff"],
  [
    "a page",
    withHeaders(exactly(raw("<html>Sign in")), { "content-type": "text/html" }),
    "ModelAnswerUnreadable",
  ],
  ["text that is no event", exactly(raw("Service starting\n")), "ModelCutOff"],
  [
    "an error under a 200",
    withHeaders(exactly(raw(JSON.stringify(said("No endpoints found", { code: 404 })))), {
      "content-type": "application/json",
    }),
    "ModelNotFound",
  ],
]

describe("no answer at all", () => {
  for (const [name, script, tag] of empties) {
    it.live(`${name}: ${tag}`, () =>
      Effect.gen(function* () {
        const { provider, stream } = yield* withProvider(noRetries)
        yield* provider.script(script)
        const { text, error } = yield* readAll(stream)
        expect([text.trim(), error?._tag]).toEqual(["", tag as "ModelCutOff"])
      }),
    )
  }

  const nowhere = [
    ["nobody listens", "http://127.0.0.1:1/v1"],
    ["the name is unknown", "http://nowhere.invalid/v1"],
  ] as const
  for (const [name, url] of nowhere) {
    it.live(`${name}: ModelUnreachable`, () =>
      Effect.gen(function* () {
        const model = yield* configured({ OPENAI_BASE_URL: url, ...noRetries })
        expect((yield* readAll(spoken(model, request))).error?._tag).toBe("ModelUnreachable")
        expect((yield* Effect.flip(quietly(model.complete(request))))._tag).toBe("ModelUnreachable")
      }),
    )
  }

  const wholes = [
    ["a page", "<html>", "text/html", "ModelAnswerUnreadable"],
    ["a text", '"hi"', "application/json", "ModelAnswerUnreadable"],
    ["an object of another kind", '{"status":"ok"}', "application/json", "ModelAnswerUnreadable"],
    ["half an answer", '{"choices":[', "application/json", "ModelCutOff"],
    ["no text", '{"choices":[{"message":{"content":null}}]}', "application/json", "ModelSaidNothing"],
  ] as const
  for (const [name, body, type, tag] of wholes) {
    it.live(`${name} where a whole answer should be: ${tag}`, () =>
      Effect.gen(function* () {
        const { provider, stream, complete } = yield* withProvider(noRetries)
        const script = withHeaders(exactly(raw(body)), { "content-type": type })
        yield* provider.script(script, script)
        expect((yield* Effect.flip(complete))._tag).toBe(tag)
        expect((yield* readAll(stream)).error?._tag).toBe(tag)
      }),
    )
  }
})

describe("time", () => {
  const cases = [
    ["nothing comes", answer(stall), { LLM_FIRST_TOKEN_TIMEOUT: "50 millis" }, "first token"],
    [
      "only a role comes",
      answer(raw(": still here\n\n"), stall),
      { LLM_FIRST_TOKEN_TIMEOUT: "50 millis" },
      "first token",
    ],
    [
      "thinking stops",
      answer(rawDelta({ reasoning: "hm" }), stall),
      { LLM_IDLE_TIMEOUT: "50 millis" },
      "first token",
    ],
    ["text stops", answer("so far", stall), { LLM_IDLE_TIMEOUT: "50 millis" }, "next token"],
  ] as const
  for (const [name, script, settings, waitingFor] of cases) {
    it.live(`is up when ${name}, and the provider is told`, () =>
      Effect.gen(function* () {
        const { provider, stream } = yield* withProvider(settings)
        yield* provider.script(script)
        const { error } = yield* readAll(stream)
        expect(error).toMatchObject({ _tag: "ModelTimedOut", waitingFor })
        expect(yield* (yield* provider.received(0)).ended).toBe("aborted")
      }),
    )
  }

  it.live("is up when the words of an error do not come", () =>
    Effect.gen(function* () {
      const soon = { LLM_FIRST_TOKEN_TIMEOUT: "50 millis", LLM_ANSWER_TIMEOUT: "50 millis", ...noRetries }
      const { provider, stream, complete } = yield* withProvider(soon)
      yield* provider.script(status(500, stall), status(500, stall))
      expect((yield* readAll(stream)).error).toMatchObject({ _tag: "ModelTimedOut" })
      expect(yield* Effect.flip(complete)).toMatchObject({ _tag: "ModelTimedOut" })
    }),
  )

  it.live("is up when a whole answer does not come", () =>
    Effect.gen(function* () {
      const { provider, complete } = yield* withProvider({ LLM_ANSWER_TIMEOUT: "50 millis" })
      yield* provider.script(answer(stall))
      expect((yield* Effect.flip(complete)).message).toBe("OpenAI took too long to send the answer.")
      expect(yield* (yield* provider.received(0)).ended).toBe("aborted")
    }),
  )
})

describe("what a provider says", () => {
  it.live("reaches whoever wrote the request, without keys and addresses", () =>
    Effect.gen(function* () {
      const { provider, complete } = yield* withProvider(noRetries)
      const message =
        "Unsupported value 'x'\n with key sk-test-secret (Bearer sk-other-key) at https://user:pass@host/v1?key=k"
      yield* provider.script(status(400, said(message)))
      expect((yield* Effect.flip(complete)).message).toBe(
        "OpenAI rejected the request: Unsupported value 'x' with key [hidden] ([hidden] at [address]",
      )
    }),
  )
})
