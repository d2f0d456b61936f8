import { expect } from "bun:test"
import { Effect, Fiber } from "effect"
import { EventSource } from "eventsource"
import { connectTcp } from "../../infra/bun-http/RawClient"
import * as Server from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, Latch, waitFor } from "../../support/ScriptedProvider/Script"
import {
  answerText,
  chunksOf,
  getReader,
  interruptible,
  listMessages,
  newChat,
  readUntil,
  type StreamChunk,
} from "./streamFixtures"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("ChatGuide stream", (it) => {
  it.live("streams the prompt and the chunks of the answer as documented and as stored", () =>
    Effect.gen(function* () {
      const { app, user, chat } = yield* newChat
      const gate = new Latch()
      yield* (yield* Provider).script(answer("Hel", waitFor(gate), 'lo\n"wörld" 😀'))
      const path = app.streamPath(chat, 'Say "hello" & 100% more')
      const response = yield* app.requestStream("GET", path, {
        token: user.token,
        headers: { accept: "text/event-stream" },
      })
      expect(response.status).toBe(200)
      expect(response.headers.get("content-type")).toBe("text/event-stream")
      expect(response.headers.get("cache-control")).toContain("no-cache")
      expect(response.headers.get("x-generation-id")).toMatch(/^[0-9a-f-]{36}$/)
      gate.open()
      const events = Server.parseEvents(yield* Effect.promise(() => response.text()))
      const chunks = chunksOf({ events })
      expect(events.map(({ event }) => event)).toEqual(events.map(() => undefined))
      const [prompt, ...answerChunks] = chunks
      expect<unknown>(prompt).toEqual({
        messageId: expect.any(String),
        previousMessageId: null,
        chatId: chat,
        role: "user",
        content: 'Say "hello" & 100% more',
        index: 0,
        createdAt: time,
      })
      expect(chunks.map(({ index }) => index)).toEqual(chunks.map((_, index) => index))
      const [first] = answerChunks
      expect(answerChunks.length).toBeGreaterThan(0)
      for (const chunk of answerChunks) {
        expect(chunk).toEqual({
          messageId: first?.messageId ?? "",
          previousMessageId: prompt?.messageId ?? "",
          chatId: chat,
          role: "assistant",
          content: chunk.content,
          index: chunk.index,
          createdAt: first?.createdAt ?? "",
        })
        expect(chunk.content).not.toBe("")
      }
      const messages = yield* listMessages(user, chat)
      expect<unknown>(messages).toEqual([
        {
          id: prompt?.messageId,
          chatId: chat,
          role: "USER",
          content: prompt?.content,
          createdAt: prompt?.createdAt,
        },
        {
          id: first?.messageId,
          chatId: chat,
          role: "ASSISTANT",
          content: answerText(chunks),
          createdAt: first?.createdAt,
        },
      ])
      expect(answerText(chunks)).toBe('Hello\n"wörld" 😀')
    }),
  )

  it.live("links each prompt to the answer before it", () =>
    Effect.gen(function* () {
      const { app, user, chat } = yield* newChat
      const first = chunksOf(yield* app.sendPrompt(user, chat, "one"))
      const second = chunksOf(yield* app.sendPrompt(user, chat, "two"))
      expect(second[0]?.previousMessageId).toBe(first.at(-1)?.messageId ?? "")
      expect(second.at(-1)?.previousMessageId).toBe(second[0]?.messageId ?? "")
    }),
  )

  it.live("sends each chunk as soon as it is generated and sends the same bytes to every reader", () =>
    Effect.gen(function* () {
      const { app, user, chat } = yield* newChat
      const gate = new Latch()
      yield* (yield* Provider).script(answer("Hel", waitFor(gate), "lo"))
      const response = yield* app.requestStream("GET", app.streamPath(chat, "Greet me"), {
        token: user.token,
      })
      const reader = getReader(response)
      let text = yield* readUntil(reader, "Hel")
      const resumed = yield* Effect.fork(
        app.request("GET", app.streamPath(chat, "Greet me"), {
          token: user.token,
          headers: { "last-event-id": "0" },
        }),
      )
      gate.open()
      text += yield* readUntil(reader, 'lo"')
      const other = yield* Fiber.join(resumed)
      expect(other.headers.get("x-generation-id")).toBe(response.headers.get("x-generation-id"))
      const preamble = ": ok\n\n"
      expect(text.startsWith(preamble)).toBe(true)
      const [prompt = ""] = text.slice(preamble.length).split(/(?<=\n\n)/)
      expect(text).toBe(preamble + prompt + other.text.replace(preamble, ""))
      yield* Effect.promise(() => reader.cancel())
    }),
  )

  it.live(
    "resumes for a reconnecting EventSource and then ends its reconnections with 204",
    () =>
      Effect.gen(function* () {
        const { app, user, chat } = yield* newChat
        const before = (yield* Provider).requests.length
        const gate = new Latch()
        yield* (yield* Provider).script(answer("Hel", waitFor(gate), "lo"))
        const statuses: Array<number> = []
        const lastEventIds: Array<string | null> = []
        const received: Array<StreamChunk> = []
        yield* Effect.async<void>((resume) => {
          const interruption = new AbortController()
          const source = new EventSource(app.url + app.streamPath(chat, "Greet me"), {
            fetch: async (url, init) => {
              lastEventIds.push(new Headers(init?.headers).get("last-event-id"))
              const headers = { ...init?.headers, authorization: `Bearer ${user.token}` }
              const response = await fetch(url, { ...init, headers })
              statuses.push(response.status)
              return lastEventIds.length === 1 ? interruptible(response, interruption.signal) : response
            },
          })
          source.onmessage = ({ data }) => {
            received.push((JSON.parse(data) as { data: StreamChunk }).data)
            if (received.length === 2) {
              interruption.abort()
              gate.open()
            }
          }
          source.onerror = () => {
            if (source.readyState === EventSource.CLOSED) resume(Effect.void)
          }
          return Effect.sync(() => source.close())
        })
        expect(statuses).toEqual([200, 200, 204])
        expect(lastEventIds).toEqual([null, "2", String(received.length)])
        expect(received.map(({ index }) => index)).toEqual(received.map((_, index) => index))
        expect(answerText(received)).toBe("Hello")
        expect((yield* Provider).requests.length).toBe(before + 1)
        expect((yield* listMessages(user, chat)).map(({ content }) => content)).toEqual(["Greet me", "Hello"])
      }),
    { timeout: 20_000 },
  )

  it.live("answers 204 to a reader that reconnects to a finished answer after a later prompt", () =>
    Effect.gen(function* () {
      const { app, user, chat } = yield* newChat
      const first = yield* app.sendPrompt(user, chat, "one")
      yield* app.sendPrompt(user, chat, "two")
      const resumed = yield* app.request("GET", app.streamPath(chat, "one"), {
        token: user.token,
        headers: { "last-event-id": first.events.at(-1)?.id ?? "" },
      })
      expect(resumed.status).toBe(204)
      expect((yield* listMessages(user, chat)).map(({ content }) => content)).toEqual([
        "one",
        "You said: one",
        "two",
        "You said: two",
      ])
    }),
  )

  it.live("accepts the session cookie, because a browser's EventSource cannot send a bearer token", () =>
    Effect.gen(function* () {
      const { app, user, chat } = yield* newChat
      const response = yield* app.request("GET", app.streamPath(chat, "hi"), {
        cookie: user.cookie,
        headers: { "sec-fetch-site": "same-origin" },
      })
      expect(response.status).toBe(200)
      expect(answerText(chunksOf(response))).toBe("You said: hi")
    }),
  )

  it.live("completes and stores the answer when its reader disconnects", () =>
    Effect.gen(function* () {
      const { app, user, chat } = yield* newChat
      const gate = new Latch()
      yield* (yield* Provider).script(answer("Hel", waitFor(gate), "lo"))
      const client = yield* connectTcp(Number(new URL(app.url).port))
      client.get(app.streamPath(chat, "Greet me"), `Authorization: Bearer ${user.token}\r\n`)
      yield* client.until(({ text }) => text.includes("Hel"))
      client.disconnect()
      gate.open()
      const resumed = yield* app.request("GET", app.streamPath(chat, "Greet me"), {
        token: user.token,
        headers: { "last-event-id": "0" },
      })
      expect(answerText(chunksOf(resumed))).toBe("Hello")
      expect((yield* listMessages(user, chat)).map(({ content }) => content)).toEqual(["Greet me", "Hello"])
    }),
  )
})
