import { describe, expect } from "bun:test"
import { Effect } from "effect"
import OpenAI, { APIError, RateLimitError } from "openai"
import { it } from "./it"
import { Provider } from "./ScriptedProvider"
import { modelEntries } from "./ScriptedProvider/ModelList"
import {
  answer,
  disconnect,
  event,
  exactAnswer,
  finish,
  Latch,
  status,
  usage,
  waitFor,
} from "./ScriptedProvider/Script"

const request = { model: "scripted", messages: [{ role: "user" as const, content: "Hello there" }] }

const withClient = Effect.gen(function* () {
  const provider = yield* Provider.make
  const client = new OpenAI({ baseURL: provider.url, apiKey: "sk-test", maxRetries: 0 })
  return { provider, client }
})

const failureOf = (attempt: () => Promise<unknown>) =>
  Effect.flip(Effect.tryPromise({ try: attempt, catch: (e) => e }))

describe("The scripted provider, called by the official client", () => {
  it.live("returns a completion with usage", () =>
    Effect.gen(function* () {
      const { client } = yield* withClient
      const { choices, usage } = yield* Effect.promise(() => client.chat.completions.create(request))
      expect(choices[0]?.message).toMatchObject({ role: "assistant", content: "You said: Hello there" })
      expect(choices[0]?.finish_reason).toBe("stop")
      expect(usage).toEqual({ prompt_tokens: 2, completion_tokens: 4, total_tokens: 6 })
    }),
  )

  it.live("streams, with usage only when requested", () =>
    Effect.gen(function* () {
      const { provider, client } = yield* withClient
      yield* provider.script(answer("Hel", "lo", finish("length"), usage(1, 2)), answer("x"))
      const read = (include_usage: boolean) =>
        Effect.promise(async () => {
          const options = { stream: true as const, stream_options: { include_usage } }
          const chunks: Array<OpenAI.ChatCompletionChunk> = []
          for await (const chunk of await client.chat.completions.create({ ...request, ...options }))
            chunks.push(chunk)
          return chunks
        })
      const counted = yield* read(true)
      expect(counted.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe("Hello")
      expect(counted.map(({ choices }) => choices[0]?.finish_reason).filter(Boolean)).toEqual(["length"])
      expect(counted.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 3 } })
      expect((yield* read(false)).every((chunk) => !("usage" in chunk))).toBe(true)
    }),
  )

  it.live("works with the client's stream helper", () =>
    Effect.gen(function* () {
      const { client } = yield* withClient
      const final = yield* Effect.promise(() => client.chat.completions.stream(request).finalChatCompletion())
      expect(final.choices[0]?.message.content).toBe("You said: Hello there")
    }),
  )

  it.live("lists its models", () =>
    Effect.gen(function* () {
      const { client } = yield* withClient
      const { data } = yield* Effect.promise(() => client.models.list())
      expect(data.map(({ id }) => id)).toEqual(modelEntries.map(({ id }) => String(id)))
      expect(data[0]?.id).toBe("scripted")
    }),
  )

  it.live("fails as scripted: by status, by an error event, and by dropping the connection", () =>
    Effect.gen(function* () {
      const { provider, client } = yield* withClient
      const stream = async () => {
        for await (const _ of await client.chat.completions.create({ ...request, stream: true }));
      }
      yield* provider.script(
        status(429, { error: { message: "slow down" } }, { "retry-after": "7" }),
        exactAnswer("x", event({ error: { message: "boom", code: "server_error" } })),
        answer("x", disconnect),
      )
      const rateLimited = yield* failureOf(() => client.chat.completions.create(request))
      expect(rateLimited instanceof RateLimitError && rateLimited.headers.get("retry-after")).toBe("7")
      const broken = yield* failureOf(stream)
      expect(broken instanceof APIError && broken.code).toBe("server_error")
      expect(yield* failureOf(stream)).toBeInstanceOf(TypeError)
      expect(yield* (yield* provider.received(2)).outcome).toBe("dropped")
    }),
  )

  it.live("holds an answer at a latch and detects that the client aborts", () =>
    Effect.gen(function* () {
      const { provider, client } = yield* withClient
      const latch = new Latch()
      yield* provider.script(answer("one", waitFor(latch), "two"))
      const stream = yield* Effect.promise(() => client.chat.completions.create({ ...request, stream: true }))
      const received = yield* provider.received(0)
      expect([received.body.messages.length, received.headers.authorization]).toEqual([1, "Bearer sk-test"])
      stream.controller.abort()
      expect(yield* received.outcome).toBe("aborted")
    }),
  )
})
