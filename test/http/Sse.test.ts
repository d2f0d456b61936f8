import { expect } from "bun:test"
import { HttpServerRequest } from "@effect/platform"
import { Chunk, Context, Effect, Option, Stream } from "effect"
import { EventSource } from "eventsource"
import * as Sse from "../../src/http/Sse"
import * as StreamResponse from "../../src/http/StreamResponse"
import { connectTcp } from "../infra/bun-http/RawClient"
import { fetchText, serveApp } from "../infra/bun-http/testServer"
import { it } from "../support/it"
import { bodyOf, dataFrame, initialComment, serveStream } from "./sseFixtures"

it.live("SSE formats an event with one data line per line of data", () =>
  Effect.sync(() => {
    expect(Sse.event({ id: 7, event: "delta", data: '{"a":1}' })).toBe(
      'id: 7\nevent: delta\ndata: {"a":1}\n\n',
    )
    expect(Sse.event({ data: "" })).toBe("data: \n\n")
    expect(Sse.event({ id: 0, data: "a\nb\r\nc\rd" })).toBe("id: 0\ndata: a\ndata: b\ndata: c\ndata: d\n\n")
  }),
)

it.live("SSE reads Last-Event-ID only if it is a number", () =>
  Effect.gen(function* () {
    const app = Effect.map(HttpServerRequest.HttpServerRequest, Sse.lastEventId)
    const received: Array<Option.Option<number>> = []
    const port = yield* serveApp(
      Effect.flatMap(app, (id) => {
        received.push(id)
        return Effect.dieMessage("id received")
      }).pipe(Effect.catchAllDefect(() => Sse.replay(Stream.empty, dataFrame))),
    )
    for (const id of ["12", "0", "", "-1", "1.5", "1e3", " 4 ", "abc", "99999999999999999999"]) {
      yield* fetchText(port, "/", { headers: { "last-event-id": id } })
    }
    yield* fetchText(port, "/")
    expect(received.map(Option.getOrUndefined)).toEqual([
      12,
      0,
      undefined,
      undefined,
      undefined,
      undefined,
      4,
      undefined,
      undefined,
      undefined,
    ])
  }),
)

it.live("SSE sends headers against proxy buffering at once, before the first event", () =>
  Effect.gen(function* () {
    const { port } = yield* serveStream(Sse.streamResponse(Stream.never, dataFrame))
    const reader = yield* connectTcp(port)
    reader.get("/")
    yield* reader.until((client) => bodyOf(client) === initialComment)
    const headers = reader.text.toLowerCase()
    expect(headers).toContain("content-type: text/event-stream")
    expect(headers).toContain("cache-control: no-cache, no-transform")
    expect(headers).toContain("x-accel-buffering: no")
  }),
)

it.live("SSE sends events that an EventSource reads, and resumes after its Last-Event-ID", () =>
  Effect.gen(function* () {
    const lastEventIds: Array<number | undefined> = []
    const handler = Effect.gen(function* () {
      const after = Sse.lastEventId(yield* HttpServerRequest.HttpServerRequest)
      lastEventIds.push(Option.getOrUndefined(after))
      const from = Option.getOrElse(after, () => -1) + 1
      const frame = (id: number) => `retry: 1\n${Sse.event({ id, event: "count", data: `${id}\n${id}` })}`
      return yield* from > 5
        ? Sse.replay(Stream.empty, frame)
        : Sse.streamResponse(Stream.range(from, from + 2), frame)
    })
    const { port, context } = yield* serveStream(handler)
    const received: Array<[string, string]> = []
    const source = yield* Effect.acquireRelease(
      Effect.sync(() => new EventSource(`http://127.0.0.1:${port}/`)),
      (source) => Effect.sync(() => source.close()),
    )
    yield* Effect.async<void>((resume) => {
      source.addEventListener("count", ({ lastEventId, data }) => received.push([lastEventId, data]))
      source.addEventListener("error", () => {
        if (source.readyState === source.CLOSED) resume(Effect.void)
      })
    })
    expect(received).toEqual([0, 1, 2, 3, 4, 5].map((id) => [String(id), `${id}\n${id}`]))
    expect(lastEventIds).toEqual([undefined, 2, 5])
    expect(Context.get(context, StreamResponse.Connections).open.size).toBe(0)
  }),
)

it.live("SSE writes all items of a chunk at once, and skips items without a frame", () =>
  Effect.gen(function* () {
    const items = Stream.fromChunks(Chunk.make("a", "", "b"), Chunk.make("", ""), Chunk.make("c"))
    const { port } = yield* serveStream(
      Sse.streamResponse(items, (item) => (item === "" ? "" : dataFrame(item))),
    )
    const { text } = yield* fetchText(port, "/")
    expect(text).toBe(`${initialComment}data: a\n\ndata: b\n\ndata: c\n\n`)
  }),
)

it.live("SSE encodes non-ASCII text as UTF-8", () =>
  Effect.gen(function* () {
    const { port } = yield* serveStream(Sse.streamResponse(Stream.make("grüße", "日本", "🎉"), dataFrame))
    expect((yield* fetchText(port, "/")).text).toBe(
      `${initialComment}data: grüße\n\ndata: 日本\n\ndata: 🎉\n\n`,
    )
  }),
)

it.live("SSE replays the rest of a finished stream at once, and responds with 204 if it is empty", () =>
  Effect.gen(function* () {
    const some = yield* serveStream(Sse.replay(Stream.make("a", "b"), dataFrame))
    const { text, response } = yield* fetchText(some.port, "/")
    expect([text, response.headers.get("content-type")]).toEqual([
      "data: a\n\ndata: b\n\n",
      "text/event-stream",
    ])
    const none = yield* serveStream(Sse.replay(Stream.empty, dataFrame))
    expect((yield* fetchText(none.port, "/")).response.status).toBe(204)
  }),
)

it.live("SSE does not run the stream for a HEAD request", () =>
  Effect.gen(function* () {
    let ran = false
    const touched = Stream.sync(() => {
      ran = true
      return "a"
    })
    const { port, connections } = yield* serveStream(Sse.streamResponse(touched, dataFrame))
    const { response } = yield* fetchText(port, "/", { method: "HEAD" })
    expect([response.headers.get("content-type"), ran, connections.open.size]).toEqual([
      "text/event-stream",
      false,
      0,
    ])
  }),
)
