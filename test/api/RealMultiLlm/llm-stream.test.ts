import { expect } from "bun:test"
import { Effect, Fiber } from "effect"
import { ModelStreams } from "../../../src/domain/operations/ModelStreams"
import { type Actor, SessionId, UserId } from "../../../src/domain/shared/Actor"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import {
  answer,
  disconnect,
  event,
  Latch,
  stall,
  usage,
  waitFor,
} from "../../support/ScriptedProvider/Script"
import {
  account,
  chatPath,
  linesOf,
  openStream,
  post,
  promptBody,
  settledAccount,
  streamPath,
} from "./llmFixtures"

/** Returns the text of the chunks among the lines of a stream. */
const textOf = (lines: ReadonlyArray<unknown>) =>
  lines.map((line) => String(Object(line).content ?? "")).join("")

layer(Server.layer())("LLM streams", (it) => {
  it.live("send the first chunk while the provider is still streaming, then the rest and the usage", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const latch = new Latch()
      yield* (yield* Provider).script(answer("Quantum", waitFor(latch), ' is\n"odd" ', "🎉", usage(10, 150)))
      const response = yield* app.requestStream("POST", streamPath, { token: user.token, body: promptBody() })
      expect(response.headers.get("content-type")).toBe("application/x-ndjson")
      expect(response.headers.get("x-accel-buffering")).toBe("no")
      expect(response.headers.get("x-ratelimit-limit")).toBeNull()
      const reader = response.body?.getReader()
      const first = yield* Effect.promise(async () => reader?.read())
      const decoder = new TextDecoder()
      let text = decoder.decode(first?.value)
      expect(text).toBe('{"type":"chunk","content":"Quantum"}\n')
      latch.open()
      yield* Effect.promise(async () => {
        for (let step = await reader?.read(); step?.done === false; step = await reader?.read())
          text += decoder.decode(step.value, { stream: true })
      })
      const lines = linesOf(text)
      expect(textOf(lines)).toBe('Quantum is\n"odd" 🎉')
      expect(lines.at(-1)).toEqual({
        type: "done",
        usage: { promptTokens: 10, completionTokens: 150, totalTokens: 160 },
      })
      expect(new Set(lines.slice(0, -1).map((line) => Object(line).type))).toEqual(new Set(["chunk"]))
      expect(yield* account(user)).toEqual({ used: 160, reserved: 0, messages: 0 })
    }),
  )

  it.live("end with an error event when the provider fails after the first token, and charge the text", () =>
    Effect.gen(function* () {
      const user = yield* (yield* App).newUser()
      const provider = yield* Provider
      for (const [step, code] of [
        [disconnect, "STREAM_INTERRUPTED"],
        [
          event({ error: { message: "Rate limit reached", code: "rate_limit_exceeded" } }),
          "MODEL_RATE_LIMITED",
        ],
      ] as const) {
        yield* provider.script(answer("Half", step))
        const response = yield* post(streamPath, user)
        expect([response.status, linesOf(response.text)]).toEqual([
          200,
          [
            { type: "chunk", content: "Half" },
            { type: "error", error: expect.stringMatching(/^\S.*\.$/), code },
          ],
        ])
      }
      const settled = yield* account(user)
      expect(settled?.reserved).toBe(0)
      expect(settled?.used).toBeGreaterThan(0)
    }),
  )

  it.live("and answers cancel the provider's call when the client disconnects, and settle what it cost", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      for (const [path, script] of [
        [chatPath, answer(stall)],
        [streamPath, answer(stall)],
        [streamPath, answer("Some text", stall)],
      ] as const) {
        const { token, ...user } = yield* app.newUser()
        const before = provider.requests.length
        yield* provider.script(script)
        const requesting = yield* Effect.fork(
          Effect.flatMap(app.requestStream("POST", path, { token, body: promptBody() }), (response) =>
            Effect.promise((signal) => {
              const reader = response.body?.getReader()
              signal.addEventListener("abort", () => void reader?.cancel())
              return reader?.read().then(() => new Promise(() => {})) ?? Promise.resolve()
            }),
          ),
        )
        const received = yield* provider.received(before)
        yield* Effect.sleep("100 millis")
        yield* Fiber.interrupt(requesting)
        expect([path, yield* received.outcome]).toEqual([path, "aborted"])
        const settled = yield* settledAccount({ token, ...user })
        expect(settled?.reserved).toBe(0)
        expect(settled?.used).toBeGreaterThan(0)
      }
    }),
  )

  it.live("end with an aborted event when the user signs out", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const provider = yield* Provider
      const before = provider.requests.length
      yield* provider.script(answer("Some text", stall))
      const stream = yield* openStream(user)
      yield* stream.until("Some text")
      yield* app.request("POST", "/api/auth/logout", { token: user.token })
      const { text, complete } = yield* stream.end
      expect([complete, linesOf(text).at(-1)]).toEqual([true, { type: "aborted" }])
      expect(yield* Effect.flatMap(provider.received(before), ({ outcome }) => outcome)).toBe("aborted")
    }),
  )

  it.live("are listed among the open model streams until they end", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [user, admin] = [yield* app.newUser(), yield* app.newAdmin()]
      const latch = new Latch()
      yield* (yield* Provider).script(answer("Some text", waitFor(latch)))
      const streams = yield* ModelStreams
      const actor: Actor = {
        userId: UserId.make(admin.id),
        sessionId: SessionId.make(admin.id),
        role: "admin",
      }
      const stream = yield* openStream(user)
      yield* stream.until("Some text")
      expect(yield* streams.list(actor)).toMatchObject([{ userId: user.id, provider: "openai" }])
      latch.open()
      yield* stream.end
      expect(yield* streams.list(actor)).toEqual([])
    }),
  )
})

const maxAnswerChars = 200_000

layer(Server.layer({ MAX_ANSWER_CHARACTERS: String(maxAnswerChars) }))(
  "A slow reader of an LLM stream",
  (it) => {
    it.live("gets an answer of limited length, of which the server holds no more than that", () =>
      Effect.gen(function* () {
        const app = yield* App
        const provider = yield* Provider
        const { token } = yield* app.newUser()
        const before = provider.requests.length
        const part = "x".repeat(10_000)
        yield* provider.script(answer(...Array.from({ length: 2000 }, () => part), stall))
        const response = yield* app.requestStream("POST", streamPath, { token, body: promptBody() })
        const received = yield* provider.received(before)
        expect(yield* received.outcome).toBe("aborted")
        const lines = linesOf(yield* Effect.promise(() => response.text()))
        expect(lines.at(-1)).toMatchObject({ type: "done" })
        const { length } = textOf(lines)
        expect(length).toBeGreaterThanOrEqual(maxAnswerChars)
        expect(length).toBeLessThan(5 * maxAnswerChars)
      }),
    )
  },
)
