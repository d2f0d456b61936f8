import { describe, expect } from "bun:test"
import { Effect, Queue, Stream } from "effect"
import { it } from "../../support/it"
import {
  answer,
  delta,
  done,
  event,
  exactly,
  finish,
  Latch,
  raw,
  rawDelta,
  usage,
  waitFor,
  withHeaders,
} from "../../support/Provider/Script"
import { readAll, request, spoken, withProvider } from "./providerFixtures"

const encoder = new TextEncoder()

describe("a streamed answer", () => {
  it.live("comes as text and ends with reason and usage", () =>
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

  it.live("gives each delta when it comes, not when the next does", () =>
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

  it.live("asks for what the request says", () =>
    Effect.gen(function* () {
      const { provider, model } = yield* withProvider()
      const turns = [
        { role: "system", content: "Be brief" },
        { role: "user", content: "Hi" },
        { role: "assistant", content: "Hi." },
        { role: "user", content: "Bye" },
      ] as const
      yield* readAll(spoken(model, { model: "openai/m", turns, maxOutputTokens: 7, temperature: 0.5 }))
      const { body, headers } = yield* provider.received(0)
      expect(body).toEqual({
        model: "m",
        messages: [...turns],
        max_tokens: 7,
        temperature: 0.5,
        stream: true,
        stream_options: { include_usage: true },
      })
      expect(headers.authorization).toBe("Bearer sk-test-secret")
    }),
  )

  it.live("sends no credentials where none are set", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider({ OPENAI_API_KEY: "" })
      expect((yield* readAll(stream)).text).toBe("You said: Hello there")
      expect((yield* provider.received(0)).headers.authorization).toBeUndefined()
    }),
  )

  it.live("survives characters cut apart by the network, at every place", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      const text = "žluť 中文 👩‍👩‍👧 é"
      const chunk = JSON.stringify({ choices: [{ index: 0, delta: { content: text } }] })
      const bytes = encoder.encode(`data: ${chunk}\r\n\r\n`)
      const pieces = Array.from(bytes, (_, index) => raw(bytes.slice(index, index + 1)))
      yield* provider.script(exactly(...pieces, finish("stop"), done))
      expect((yield* readAll(stream)).text).toBe(text)
    }),
  )

  it.live("skips what is no text of the first choice", () =>
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

  const endings = [
    ["length", exactly("x", finish("length"), done), "length"],
    ["max_tokens as others say", exactly("x", finish("max_tokens"), done), "length"],
    ["an unknown reason", exactly("x", finish("eos"), done), "stop"],
    ["the marker alone", exactly("x", done), "stop"],
    ["a reason alone", exactly("x", finish("stop")), "stop"],
    ["no blank line at the end", exactly("x", finish("stop"), raw("data: [DONE]")), "stop"],
  ] as const
  for (const [name, script, reason] of endings) {
    it.live(`ends by ${name}`, () =>
      Effect.gen(function* () {
        const { provider, stream } = yield* withProvider()
        yield* provider.script(script)
        expect((yield* readAll(stream)).finished).toEqual({ _tag: "Finished", reason, usage: undefined })
      }),
    )
  }

  it.live("takes usage where others put it: with the last delta, or in every chunk", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      const counted = (completion_tokens: number, choice: object) =>
        event({ choices: [{ index: 0, ...choice }], usage: { prompt_tokens: 3, completion_tokens } })
      yield* provider.script(
        exactly(
          counted(1, { delta: { content: "a" } }),
          counted(2, { delta: { content: "b" }, finish_reason: "stop" }),
          done,
        ),
      )
      expect((yield* readAll(stream)).finished?.usage).toEqual({ promptTokens: 3, completionTokens: 2 })
    }),
  )

  it.live("is taken whole from a server that does not stream", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      const body = {
        choices: [{ index: 0, message: { content: "all at once" }, finish_reason: "stop" }],
        usage: { prompt_tokens: 1, completion_tokens: 3 },
      }
      yield* provider.script(
        withHeaders(exactly(raw(JSON.stringify(body))), { "content-type": "application/json" }),
      )
      const { text, finished } = yield* readAll(stream)
      expect([text, finished?.usage]).toEqual(["all at once", { promptTokens: 1, completionTokens: 3 }])
    }),
  )
})

describe("a whole answer", () => {
  it.live("comes with reason and usage", () =>
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

  it.live("is found by a model's id at each configured provider", () =>
    Effect.gen(function* () {
      const { provider, model } = yield* withProvider()
      yield* model.complete({ ...request, model: "scripted" })
      const error = yield* Effect.flip(model.complete({ ...request, model: "nobody/scripted" }))
      expect(error._tag).toBe("ModelNotFound")
      expect(provider.requests.map(({ body }) => body.model)).toEqual(["scripted"])
    }),
  )
})
