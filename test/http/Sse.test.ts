import { expect } from "bun:test"
import { HttpServerRequest } from "@effect/platform"
import { Chunk, Context, Effect, Option, Stream } from "effect"
import { EventSource } from "eventsource"
import * as Sse from "../../src/http/Sse"
import { connectTcp } from "../infra/bun-http/RawClient"
import { fetchText, serveApp } from "../infra/bun-http/testServer"
import { it } from "../support/it"
import { bodyOf, opening, plain, streaming } from "./sseFixtures"

it.live("frames events, each line of the data on its own", () =>
  Effect.sync(() => {
    expect(Sse.event({ id: 7, event: "delta", data: '{"a":1}' })).toBe(
      'id: 7\nevent: delta\ndata: {"a":1}\n\n',
    )
    expect(Sse.event({ data: "" })).toBe("data: \n\n")
    expect(Sse.event({ id: 0, data: "a\nb\r\nc\rd" })).toBe("id: 0\ndata: a\ndata: b\ndata: c\ndata: d\n\n")
  }),
)

it.live("reads Last-Event-ID only when it is a number", () =>
  Effect.gen(function* () {
    const app = Effect.map(HttpServerRequest.HttpServerRequest, Sse.lastEventId)
    const heard: Array<Option.Option<number>> = []
    const port = yield* serveApp(
      Effect.flatMap(app, (id) => {
        heard.push(id)
        return Effect.dieMessage("enough")
      }).pipe(Effect.catchAllDefect(() => Sse.replay(Stream.empty, plain))),
    )
    for (const id of ["12", "0", "", "-1", "1.5", "1e3", " 4 ", "abc", "99999999999999999999"]) {
      yield* fetchText(port, "/", { headers: { "last-event-id": id } })
    }
    yield* fetchText(port, "/")
    expect(heard.map(Option.getOrUndefined)).toEqual([
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

it.live("opens at once, however quiet the stream, and with headers that keep proxies off", () =>
  Effect.gen(function* () {
    const { port } = yield* streaming(Sse.streamResponse(Stream.never, plain))
    const reader = yield* connectTcp(port)
    reader.get("/")
    yield* reader.until((client) => bodyOf(client) === opening)
    const headers = reader.text.toLowerCase()
    expect(headers).toContain("content-type: text/event-stream")
    expect(headers).toContain("cache-control: no-cache, no-transform")
    expect(headers).toContain("x-accel-buffering: no")
  }),
)

it.live("is read by an EventSource: ids, names, data, and the last id when it comes again", () =>
  Effect.gen(function* () {
    const asked: Array<number | undefined> = []
    const handler = Effect.gen(function* () {
      const after = Sse.lastEventId(yield* HttpServerRequest.HttpServerRequest)
      asked.push(Option.getOrUndefined(after))
      const from = Option.getOrElse(after, () => -1) + 1
      const frame = (id: number) => `retry: 1\n${Sse.event({ id, event: "count", data: `${id}\n${id}` })}`
      return yield* from > 5
        ? Sse.replay(Stream.empty, frame)
        : Sse.streamResponse(Stream.range(from, from + 2), frame)
    })
    const { port, context } = yield* streaming(handler)
    const heard: Array<[string, string]> = []
    const source = yield* Effect.acquireRelease(
      Effect.sync(() => new EventSource(`http://127.0.0.1:${port}/`)),
      (source) => Effect.sync(() => source.close()),
    )
    yield* Effect.async<void>((resume) => {
      source.addEventListener("count", ({ lastEventId, data }) => heard.push([lastEventId, data]))
      source.addEventListener("error", () => {
        if (source.readyState === source.CLOSED) resume(Effect.void)
      })
    })
    expect(heard).toEqual([0, 1, 2, 3, 4, 5].map((id) => [String(id), `${id}\n${id}`]))
    expect(asked).toEqual([undefined, 2, 5])
    expect(Context.get(context, Sse.Connections).open.size).toBe(0)
  }),
)

it.live("writes all items of a chunk at once, and leaves out those without a frame", () =>
  Effect.gen(function* () {
    const items = Stream.fromChunks(Chunk.make("a", "", "b"), Chunk.make("", ""), Chunk.make("c"))
    const { port } = yield* streaming(Sse.streamResponse(items, (item) => (item === "" ? "" : plain(item))))
    const { text } = yield* fetchText(port, "/")
    expect(text).toBe(`${opening}data: a\n\ndata: b\n\ndata: c\n\n`)
  }),
)

it.live("writes text beyond ASCII as UTF-8", () =>
  Effect.gen(function* () {
    const { port } = yield* streaming(Sse.streamResponse(Stream.make("grüße", "日本", "🎉"), plain))
    expect((yield* fetchText(port, "/")).text).toBe(`${opening}data: grüße\n\ndata: 日本\n\ndata: 🎉\n\n`)
  }),
)

it.live("answers the rest of a stream that has ended at once, and 204 when nothing is left", () =>
  Effect.gen(function* () {
    const some = yield* streaming(Sse.replay(Stream.make("a", "b"), plain))
    const { text, response } = yield* fetchText(some.port, "/")
    expect([text, response.headers.get("content-type")]).toEqual([
      "data: a\n\ndata: b\n\n",
      "text/event-stream",
    ])
    const none = yield* streaming(Sse.replay(Stream.empty, plain))
    expect((yield* fetchText(none.port, "/")).response.status).toBe(204)
  }),
)

it.live("does not run a stream that HEAD asks about", () =>
  Effect.gen(function* () {
    let ran = false
    const touched = Stream.sync(() => {
      ran = true
      return "a"
    })
    const { port, readers } = yield* streaming(Sse.streamResponse(touched, plain))
    const { response } = yield* fetchText(port, "/", { method: "HEAD" })
    expect([response.headers.get("content-type"), ran, readers.open.size]).toEqual([
      "text/event-stream",
      false,
      0,
    ])
  }),
)
