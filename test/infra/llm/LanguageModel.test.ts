import { describe, expect } from "bun:test"
import { Effect, Queue, Stream } from "effect"
import { it } from "../../support/it"
import {
  answer,
  delta,
  done,
  event,
  exactAnswer,
  finish,
  Latch,
  raw,
  rawDelta,
  usage,
  waitFor,
  withHeaders,
} from "../../support/ScriptedProvider/Script"
import { readAll, request, streamAnswer, withProvider } from "./providerFixtures"

const encoder = new TextEncoder()

describe("A streamed answer", () => {
  it.live("streams text and ends with finish reason and usage", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      yield* provider.script(answer("Hel", "lo", ", you", usage(12, 34)))
      expect(yield* readAll(stream)).toEqual({
        text: "Hello, you",
        finished: { _tag: "Finished", reason: "stop", usage: { promptTokens: 12, completionTokens: 34 } },
        error: undefined,
      })
    }),
  )

  it.live("delivers each delta when it arrives, not when the next one does", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      const [second, third] = [new Latch(), new Latch()]
      yield* provider.script(answer("one", waitFor(second), "two", waitFor(third), "three"))
      const parts = yield* Queue.unbounded<string>()
      yield* Effect.fork(
        Stream.runForEach(stream, (part) => Queue.offer(parts, part._tag === "Delta" ? part.text : "end")),
      )
      expect(yield* Queue.take(parts)).toBe("one")
      second.open()
      expect(yield* Queue.take(parts)).toBe("two")
      third.open()
      expect(yield* Queue.take(parts)).toBe("three")
      expect(yield* Queue.take(parts)).toBe("end")
    }),
  )

  it.live("sends all parameters of the request", () =>
    Effect.gen(function* () {
      const { provider, model } = yield* withProvider()
      const messages = [
        { role: "system", content: "Be brief" },
        { role: "user", content: "Hi" },
        { role: "assistant", content: "Hi." },
        { role: "user", content: "Bye" },
      ] as const
      yield* readAll(
        streamAnswer(model, { model: "openai/m", messages, maxOutputTokens: 7, temperature: 0.5 }),
      )
      const { body, headers } = yield* provider.received(0)
      expect(body).toEqual({
        model: "m",
        messages: [...messages],
        max_tokens: 7,
        temperature: 0.5,
        stream: true,
        stream_options: { include_usage: true },
      })
      expect(headers.authorization).toBe("Bearer sk-test-secret")
    }),
  )

  it.live("sends no credentials when no key is configured", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider({ OPENAI_API_KEY: "" })
      expect((yield* readAll(stream)).text).toBe("You said: Hello there")
      expect((yield* provider.received(0)).headers.authorization).toBeUndefined()
    }),
  )

  it.live("decodes characters split across chunks at every byte", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      const text = "žluť 中文 👩‍👩‍👧 é"
      const chunk = JSON.stringify({ choices: [{ index: 0, delta: { content: text } }] })
      const bytes = encoder.encode(`data: ${chunk}\r\n\r\n`)
      const pieces = Array.from(bytes, (_, index) => raw(bytes.slice(index, index + 1)))
      yield* provider.script(exactAnswer(...pieces, finish("stop"), done))
      expect((yield* readAll(stream)).text).toBe(text)
    }),
  )

  it.live("ignores everything but the text of the first choice", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      yield* provider.script(
        answer(
          raw(": OPENROUTER PROCESSING\n\n"),
          rawDelta({ role: "assistant" }),
          rawDelta({ content: "" }),
          rawDelta({ content: null, reasoning_content: "hm" }),
          rawDelta({ reasoning: "well" }),
          event({ choices: [] }),
          event({ choices: null }),
          delta("other", 1),
          "text",
        ),
      )
      expect((yield* readAll(stream)).text).toBe("text")
    }),
  )

  const terminations = [
    ["length", exactAnswer("x", finish("length"), done), "length"],
    ["max_tokens, as some providers send", exactAnswer("x", finish("max_tokens"), done), "length"],
    ["an unknown reason", exactAnswer("x", finish("eos"), done), "stop"],
    ["the [DONE] marker alone", exactAnswer("x", done), "stop"],
    ["a finish reason alone", exactAnswer("x", finish("stop")), "stop"],
    ["no blank line at the end", exactAnswer("x", finish("stop"), raw("data: [DONE]")), "stop"],
  ] as const
  for (const [name, script, reason] of terminations) {
    it.live(`ends with ${name}`, () =>
      Effect.gen(function* () {
        const { provider, stream } = yield* withProvider()
        yield* provider.script(script)
        expect((yield* readAll(stream)).finished).toEqual({ _tag: "Finished", reason, usage: undefined })
      }),
    )
  }

  it.live("accepts usage in every chunk, the last one counting", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      const counted = (completion_tokens: number, choice: object) =>
        event({ choices: [{ index: 0, ...choice }], usage: { prompt_tokens: 3, completion_tokens } })
      yield* provider.script(
        exactAnswer(
          counted(1, { delta: { content: "a" } }),
          counted(2, { delta: { content: "b" }, finish_reason: "stop" }),
          done,
        ),
      )
      expect((yield* readAll(stream)).finished?.usage).toEqual({ promptTokens: 3, completionTokens: 2 })
    }),
  )

  it.live("accepts one JSON response from a server that does not stream", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      const body = {
        choices: [{ index: 0, message: { content: "all at once" }, finish_reason: "stop" }],
        usage: { prompt_tokens: 1, completion_tokens: 3 },
      }
      yield* provider.script(
        withHeaders(exactAnswer(raw(JSON.stringify(body))), { "content-type": "application/json" }),
      )
      const { text, finished } = yield* readAll(stream)
      expect([text, finished?.usage]).toEqual(["all at once", { promptTokens: 1, completionTokens: 3 }])
    }),
  )
})

describe("An answer that is not streamed", () => {
  it.live("returns text, finish reason and usage", () =>
    Effect.gen(function* () {
      const { provider, complete } = yield* withProvider()
      yield* provider.script(answer("Hel", "lo", finish("length"), usage(1, 2)))
      expect(yield* complete).toEqual({
        text: "Hello",
        reason: "length",
        usage: { promptTokens: 1, completionTokens: 2 },
      })
      expect((yield* provider.received(0)).body.stream).toBe(false)
    }),
  )

  it.live("calls the provider that the model id resolves to", () =>
    Effect.gen(function* () {
      const { provider, model } = yield* withProvider()
      yield* model.complete({ ...request, model: "scripted" })
      yield* model.complete({ ...request, model: "unknown/scripted" })
      const error = yield* Effect.flip(model.complete({ ...request, model: "openai/" }))
      expect(error._tag).toBe("ModelNotFound")
      expect(provider.requests.map(({ body }) => body.model)).toEqual(["scripted", "unknown/scripted"])
    }),
  )
})
