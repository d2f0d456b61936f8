import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/Provider"
import {
  answer,
  disconnect,
  done,
  event,
  exactAnswer,
  finish,
  rawDelta,
  status,
} from "../../support/Provider/Script"
import { chunksOf, newChat, said, stored } from "./sseClient"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("The stream of an answer that goes wrong", (it) => {
  it.live("ends in an error event when the model fails, before or after its first word", () =>
    Effect.gen(function* () {
      const { app, person, chat } = yield* newChat
      yield* (yield* Provider).script(
        status(429, undefined, { "retry-after": "60" }),
        answer("Half a", disconnect),
      )
      const before = yield* app.sendPrompt(person, chat, "one")
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
      const after = yield* app.sendPrompt(person, chat, "two")
      expect(after.events.at(-1)?.event).toBe("error")
      expect(JSON.parse(after.events.at(-1)?.data ?? "")).toMatchObject({ code: "STREAM_INTERRUPTED" })
      expect(said(chunksOf(after))).toBe("Half a")
      expect((yield* stored(person, chat)).map(({ content }) => content)).toEqual(["one", "two", "Half a"])
    }),
  )

  it.live("ends in an error event when the model says nothing", () =>
    Effect.gen(function* () {
      const { app, person, chat } = yield* newChat
      for (const reason of ["length", "stop"]) {
        yield* (yield* Provider).script(answer(rawDelta({ reasoning: "Hm" }), finish(reason)))
        const read = yield* app.sendPrompt(person, chat, reason)
        expect(read.events.map(({ event }) => event)).toEqual([undefined, "error"])
        expect(JSON.parse(read.events.at(-1)?.data ?? "")).toMatchObject({ code: "EMPTY_RESPONSE" })
      }
      expect((yield* stored(person, chat)).map(({ content }) => content)).toEqual(["length", "stop"])
    }),
  )

  it.live("is as long as ever, whatever the provider says that it counted", () =>
    Effect.gen(function* () {
      const { app, person, chat } = yield* newChat
      const sql = yield* SqlClient.SqlClient
      const used = Effect.map(
        sql<{ readonly used: number }>`
          select tokens_used::int as used from usage_accounts where user_id = ${person.id}`,
        ([row]) => row?.used ?? 0,
      )
      for (const [prompt, completion] of [
        [12.5, 1],
        [-1000, 1],
        [1, 3e9],
      ] as const) {
        const before = yield* used
        const counted = { choices: [], usage: { prompt_tokens: prompt, completion_tokens: completion } }
        yield* (yield* Provider).script(exactAnswer("All", " right", finish("stop"), event(counted), done))
        const read = yield* app.sendPrompt(person, chat, "And?")
        expect(said(chunksOf(read))).toBe("All right")
        const charged = (yield* used) - before
        expect(charged).toBeGreaterThan(0)
        expect(charged).toBeLessThan(1000)
      }
    }),
  )

  it.live("takes a prompt as long as a prompt may be, in any script", () =>
    Effect.gen(function* () {
      const { app, person, chat } = yield* newChat
      yield* (yield* Provider).script(answer("That was long"))
      const prompt = "😀".repeat(100_000)
      expect(said(chunksOf(yield* app.sendPrompt(person, chat, prompt)))).toBe("That was long")
      expect((yield* stored(person, chat))[0]?.content).toBe(prompt)
      expect((yield* app.sendPrompt(person, chat, `${prompt}!`)).status).toBe(400)
    }),
  )

  it.live("is refused for a prompt that says nothing, and nothing is written", () =>
    Effect.gen(function* () {
      const { app, person, chat } = yield* newChat
      for (const query of ["", "?content=", "?content=%20%0a", "?content=a%00b", "?content=a&content=b"]) {
        const refused = yield* app.request("GET", `/api/chats/${chat}/messages/stream${query}`, {
          token: person.token,
        })
        expect([query, refused.status]).toEqual([query, 400])
        expect(refused.json).toMatchObject({ code: "VALIDATION_ERROR", details: [{ field: "content" }] })
      }
      const head = yield* app.request("HEAD", app.streamPath(chat, "hi"), { token: person.token })
      expect(head.status).toBe(405)
      expect(yield* stored(person, chat)).toEqual([])
    }),
  )
})

layer(Server.layer({ TOKENS_LIMIT: "10" }))("The stream of an answer beyond the user's limit", (it) => {
  it.live("is refused with 429, and nothing is written", () =>
    Effect.gen(function* () {
      const { app, person, chat } = yield* newChat
      const refused = yield* app.sendPrompt(person, chat, "hi")
      expect(refused.status).toBe(429)
      expect(refused.json).toMatchObject({ code: "TOKEN_LIMIT_REACHED", statusCode: 429 })
      expect(yield* stored(person, chat)).toEqual([])
    }),
  )
})
