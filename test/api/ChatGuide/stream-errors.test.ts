import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import {
  answer,
  disconnect,
  done,
  event,
  exactAnswer,
  finish,
  rawDelta,
  status,
} from "../../support/ScriptedProvider/Script"
import { answerText, chunksOf, listMessages, newChat } from "./streamFixtures"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("ChatGuide stream errors", (it) => {
  it.live("ends with an error event when the model fails before or during the answer", () =>
    Effect.gen(function* () {
      const { app, user, chat } = yield* newChat
      yield* (yield* Provider).script(
        status(429, undefined, { "retry-after": "60" }),
        answer("Half a", disconnect),
      )
      const before = yield* app.sendPrompt(user, chat, "one")
      expect(before.status).toBe(200)
      expect(before.events.map(({ event }) => event)).toEqual([undefined, "error"])
      const sentence = "OpenAI is rate limiting this server. Try again in 60 seconds."
      expect(JSON.parse(before.events.at(-1)?.data ?? "")).toEqual({
        error: sentence,
        message: sentence,
        code: "MODEL_RATE_LIMITED",
        statusCode: 502,
        timestamp: time,
        requestId: before.headers.get("x-request-id"),
      })
      const after = yield* app.sendPrompt(user, chat, "two")
      expect(after.events.at(-1)?.event).toBe("error")
      expect(JSON.parse(after.events.at(-1)?.data ?? "")).toMatchObject({ code: "STREAM_INTERRUPTED" })
      expect(answerText(chunksOf(after))).toBe("Half a")
      expect((yield* listMessages(user, chat)).map(({ content }) => content)).toEqual([
        "one",
        "two",
        "Half a",
      ])
    }),
  )

  it.live("ends with an error event when the model returns no text", () =>
    Effect.gen(function* () {
      const { app, user, chat } = yield* newChat
      for (const reason of ["length", "stop"]) {
        yield* (yield* Provider).script(answer(rawDelta({ reasoning: "Hm" }), finish(reason)))
        const read = yield* app.sendPrompt(user, chat, reason)
        expect(read.events.map(({ event }) => event)).toEqual([undefined, "error"])
        expect(JSON.parse(read.events.at(-1)?.data ?? "")).toMatchObject({ code: "EMPTY_RESPONSE" })
      }
      expect((yield* listMessages(user, chat)).map(({ content }) => content)).toEqual(["length", "stop"])
    }),
  )

  it.live(
    "streams the whole answer and charges a plausible amount when the provider reports invalid usage",
    () =>
      Effect.gen(function* () {
        const { app, user, chat } = yield* newChat
        const sql = yield* SqlClient.SqlClient
        const used = Effect.map(
          sql<{ readonly used: number }>`
          select tokens_used::int as used from usage_accounts where user_id = ${user.id}`,
          ([row]) => row?.used ?? 0,
        )
        for (const [prompt, completion] of [
          [12.5, 1],
          [-1000, 1],
          [1, 3e9],
        ] as const) {
          const before = yield* used
          const reported = { choices: [], usage: { prompt_tokens: prompt, completion_tokens: completion } }
          yield* (yield* Provider).script(exactAnswer("All", " right", finish("stop"), event(reported), done))
          const read = yield* app.sendPrompt(user, chat, "And?")
          expect(answerText(chunksOf(read))).toBe("All right")
          const charged = (yield* used) - before
          expect(charged).toBeGreaterThan(0)
          expect(charged).toBeLessThan(1000)
        }
      }),
  )

  it.live("accepts a prompt of the maximum length, counted in code points", () =>
    Effect.gen(function* () {
      const { app, user, chat } = yield* newChat
      yield* (yield* Provider).script(answer("That was long"))
      const prompt = "😀".repeat(100_000)
      expect(answerText(chunksOf(yield* app.sendPrompt(user, chat, prompt)))).toBe("That was long")
      expect((yield* listMessages(user, chat))[0]?.content).toBe(prompt)
      expect((yield* app.sendPrompt(user, chat, `${prompt}!`)).status).toBe(400)
    }),
  )

  it.live("rejects missing, blank, repeated and invalid prompts and stores nothing", () =>
    Effect.gen(function* () {
      const { app, user, chat } = yield* newChat
      for (const query of ["", "?content=", "?content=%20%0a", "?content=a%00b", "?content=a&content=b"]) {
        const rejected = yield* app.request("GET", `/api/chats/${chat}/messages/stream${query}`, {
          token: user.token,
        })
        expect([query, rejected.status]).toEqual([query, 400])
        expect(rejected.json).toMatchObject({ code: "VALIDATION_ERROR", fields: [{ field: "content" }] })
      }
      const head = yield* app.request("HEAD", app.streamPath(chat, "hi"), { token: user.token })
      expect(head.status).toBe(405)
      expect(yield* listMessages(user, chat)).toEqual([])
    }),
  )
})

layer(Server.layer({ TOKENS_LIMIT: "10" }))("ChatGuide token limit", (it) => {
  it.live("rejects prompts that exceed the token limit with 429 and stores nothing", () =>
    Effect.gen(function* () {
      const { app, user, chat } = yield* newChat
      const rejected = yield* app.sendPrompt(user, chat, "hi")
      expect(rejected.status).toBe(429)
      expect(rejected.json).toMatchObject({ code: "TOKEN_LIMIT_REACHED", statusCode: 429 })
      expect(yield* listMessages(user, chat)).toEqual([])
    }),
  )
})
