import { expect } from "bun:test"
import { Effect, Fiber } from "effect"
import { EventSource } from "eventsource"
import { connectTcp } from "../../infra/bun-http/RawClient"
import * as Server from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/Provider"
import { answer, Latch, waitFor } from "../../support/Provider/Script"
import {
  breakable,
  chunksOf,
  newChat,
  readerOf,
  readUntil,
  type StreamChunk,
  said,
  stored,
} from "./sseClient"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("The stream of an answer", (it) => {
  it.live("is the prompt and then the answer's chunks, as the guide has them and as they are stored", () =>
    Effect.gen(function* () {
      const { app, person, chat } = yield* newChat
      const gate = new Latch()
      yield* (yield* Provider).script(answer("Hel", waitFor(gate), 'lo\n"wörld" 😀'))
      const path = app.streamPath(chat, 'Say "hello" & 100% more')
      const response = yield* app.requestStream("GET", path, {
        token: person.token,
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
      const [prompt, ...pieces] = chunks
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
      const [first] = pieces
      expect(pieces.length).toBeGreaterThan(0)
      for (const piece of pieces) {
        expect(piece).toEqual({
          messageId: first?.messageId ?? "",
          previousMessageId: prompt?.messageId ?? "",
          chatId: chat,
          role: "assistant",
          content: piece.content,
          index: piece.index,
          createdAt: first?.createdAt ?? "",
        })
        expect(piece.content).not.toBe("")
      }
      const messages = yield* stored(person, chat)
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
          content: said(chunks),
          createdAt: first?.createdAt,
        },
      ])
      expect(said(chunks)).toBe('Hello\n"wörld" 😀')
    }),
  )

  it.live("links each prompt to the answer before it", () =>
    Effect.gen(function* () {
      const { app, person, chat } = yield* newChat
      const first = chunksOf(yield* app.sendPrompt(person, chat, "one"))
      const second = chunksOf(yield* app.sendPrompt(person, chat, "two"))
      expect(second[0]?.previousMessageId).toBe(first.at(-1)?.messageId ?? "")
      expect(second.at(-1)?.previousMessageId).toBe(second[0]?.messageId ?? "")
    }),
  )

  it.live(
    "shows the first words while the model is still thinking of the next, to every reader the same",
    () =>
      Effect.gen(function* () {
        const { app, person, chat } = yield* newChat
        const gate = new Latch()
        yield* (yield* Provider).script(answer("Hel", waitFor(gate), "lo"))
        const response = yield* app.requestStream("GET", app.streamPath(chat, "Greet me"), {
          token: person.token,
        })
        const reader = readerOf(response)
        let text = yield* readUntil(reader, "Hel")
        const again = yield* Effect.fork(
          app.request("GET", app.streamPath(chat, "Greet me"), {
            token: person.token,
            headers: { "last-event-id": "0" },
          }),
        )
        gate.open()
        text += yield* readUntil(reader, 'lo"')
        const other = yield* Fiber.join(again)
        expect(other.headers.get("x-generation-id")).toBe(response.headers.get("x-generation-id"))
        const opening = ": ok\n\n"
        expect(text.startsWith(opening)).toBe(true)
        const [prompt = ""] = text.slice(opening.length).split(/(?<=\n\n)/)
        expect(text).toBe(opening + prompt + other.text.replace(opening, ""))
        yield* Effect.promise(() => reader.cancel())
      }),
  )

  it.live(
    "goes on where an EventSource left off when its connection broke, and then tells it to stay away",
    () =>
      Effect.gen(function* () {
        const { app, person, chat } = yield* newChat
        const before = (yield* Provider).requests.length
        const gate = new Latch()
        yield* (yield* Provider).script(answer("Hel", waitFor(gate), "lo"))
        const statuses: Array<number> = []
        const sent: Array<string | null> = []
        const heard: Array<StreamChunk> = []
        yield* Effect.async<void>((resume) => {
          const breaking = new AbortController()
          const source = new EventSource(app.url + app.streamPath(chat, "Greet me"), {
            fetch: async (url, init) => {
              sent.push(new Headers(init?.headers).get("last-event-id"))
              const headers = { ...init?.headers, authorization: `Bearer ${person.token}` }
              const response = await fetch(url, { ...init, headers })
              statuses.push(response.status)
              return sent.length === 1 ? breakable(response, breaking.signal) : response
            },
          })
          source.onmessage = ({ data }) => {
            heard.push((JSON.parse(data) as { data: StreamChunk }).data)
            if (heard.length === 2) {
              breaking.abort()
              gate.open()
            }
          }
          source.onerror = () => {
            if (source.readyState === EventSource.CLOSED) resume(Effect.void)
          }
          return Effect.sync(() => source.close())
        })
        expect(statuses).toEqual([200, 200, 204])
        expect(sent).toEqual([null, "2", String(heard.length)])
        expect(heard.map(({ index }) => index)).toEqual(heard.map((_, index) => index))
        expect(said(heard)).toBe("Hello")
        expect((yield* Provider).requests.length).toBe(before + 1)
        expect((yield* stored(person, chat)).map(({ content }) => content)).toEqual(["Greet me", "Hello"])
      }),
    { timeout: 20_000 },
  )

  it.live("says nothing twice to one who comes back when the chat has gone on", () =>
    Effect.gen(function* () {
      const { app, person, chat } = yield* newChat
      const first = yield* app.sendPrompt(person, chat, "one")
      yield* app.sendPrompt(person, chat, "two")
      const again = yield* app.request("GET", app.streamPath(chat, "one"), {
        token: person.token,
        headers: { "last-event-id": first.events.at(-1)?.id ?? "" },
      })
      expect(again.status).toBe(204)
      expect((yield* stored(person, chat)).map(({ content }) => content)).toEqual([
        "one",
        "You said: one",
        "two",
        "You said: two",
      ])
    }),
  )

  it.live("is given for the session cookie, which is all that a browser's EventSource can send", () =>
    Effect.gen(function* () {
      const { app, person, chat } = yield* newChat
      const answered = yield* app.request("GET", app.streamPath(chat, "hi"), {
        cookie: person.cookie,
        headers: { "sec-fetch-site": "same-origin" },
      })
      expect(answered.status).toBe(200)
      expect(said(chunksOf(answered))).toBe("You said: hi")
    }),
  )

  it.live("loses nothing when its reader vanishes in the middle", () =>
    Effect.gen(function* () {
      const { app, person, chat } = yield* newChat
      const gate = new Latch()
      yield* (yield* Provider).script(answer("Hel", waitFor(gate), "lo"))
      const client = yield* connectTcp(Number(new URL(app.url).port))
      client.get(app.streamPath(chat, "Greet me"), `Authorization: Bearer ${person.token}\r\n`)
      yield* client.until(({ text }) => text.includes("Hel"))
      client.disconnect()
      gate.open()
      const rest = yield* app.request("GET", app.streamPath(chat, "Greet me"), {
        token: person.token,
        headers: { "last-event-id": "0" },
      })
      expect(said(chunksOf(rest))).toBe("Hello")
      expect((yield* stored(person, chat)).map(({ content }) => content)).toEqual(["Greet me", "Hello"])
    }),
  )
})
