import { expect } from "bun:test"
import { HttpRouter, HttpServerRequest, HttpServerResponse, Multipart } from "@effect/platform"
import { Effect, Option, Stream } from "effect"
import { BodyTooLarge } from "../../../src/infra/bun-http/RequestBody"
import { it } from "../../support/it"
import { connectTcp } from "./RawClient"
import { fetchText, serveApp } from "./testServer"

const request = HttpServerRequest.HttpServerRequest
const streamSize = (stream: Stream.Stream<Uint8Array, unknown>) =>
  Stream.runFold(stream, 0, (sum, chunk) => sum + chunk.byteLength)

const errorResponse = (error: unknown) =>
  (error instanceof Error || error instanceof Multipart.MultipartError) && error.cause instanceof BodyTooLarge
    ? HttpServerResponse.unsafeJson({ error: "too large", limit: error.cause.limit }, { status: 413 })
    : HttpServerResponse.unsafeJson({ error: "unreadable" }, { status: 400 })

/** Responds with what `read` reads of the request, as JSON. */
const respondWith = <E>(read: (source: HttpServerRequest.HttpServerRequest) => Effect.Effect<unknown, E>) =>
  Effect.map(Effect.flatMap(request, read), (value) => HttpServerResponse.unsafeJson(value))

const app = HttpRouter.empty.pipe(
  HttpRouter.post(
    "/text",
    Effect.map(
      Effect.flatMap(request, (source) => source.text),
      (text) => HttpServerResponse.text(text),
    ),
  ),
  HttpRouter.post(
    "/json",
    respondWith((source) => source.json),
  ),
  HttpRouter.post(
    "/twice",
    Effect.gen(function* () {
      const { text, json, arrayBuffer } = yield* request
      const parsed = yield* json
      return HttpServerResponse.unsafeJson([yield* text, parsed, (yield* arrayBuffer).byteLength])
    }),
  ),
  HttpRouter.post(
    "/form",
    respondWith((source) => source.urlParamsBody),
  ),
  HttpRouter.post(
    "/size",
    respondWith((source) => streamSize(source.stream)),
  ),
  HttpRouter.post(
    "/large",
    HttpServerRequest.withMaxBodySize(
      respondWith((source) => streamSize(source.stream)),
      Option.some(5_000_000),
    ),
  ),
  HttpRouter.post(
    "/parts",
    Effect.gen(function* () {
      const { multipartStream } = yield* request
      const names = yield* Stream.runFold(
        Stream.mapEffect(multipartStream, (part) =>
          part._tag === "Field"
            ? Effect.succeed(part.key)
            : Effect.map(part.contentEffect, (bytes) => `${part.name}:${Bun.hash(bytes)}`),
        ),
        "",
        (all, name) => `${all}${name};`,
      )
      return HttpServerResponse.text(names)
    }),
  ),
  Effect.catchAll((error) => Effect.succeed(errorResponse(error))),
)

const post = (path: string, body: Bun.BodyInit) => ({ path, init: { method: "POST", body } })
const chunked = (byteCount: number) =>
  new ReadableStream({
    start(controller) {
      for (let remaining = byteCount; remaining > 0; remaining -= 100_000)
        controller.enqueue(new Uint8Array(Math.min(remaining, 100_000)).fill(120))
      controller.close()
    },
  })

it.live("reads a request body as text, JSON, form, stream and multipart, and repeatedly", () =>
  Effect.gen(function* () {
    const port = yield* serveApp(app)
    const send = ({ path, init }: ReturnType<typeof post>) =>
      Effect.map(fetchText(port, path, init), ({ text }) => text)
    expect(yield* send(post("/text", "grüße"))).toBe("grüße")
    expect(yield* send(post("/text", ""))).toBe("")
    expect(yield* send(post("/json", '{"a":[1]}'))).toBe('{"a":[1]}')
    expect(yield* send(post("/twice", '{"a":1}'))).toBe('["{\\"a\\":1}",{"a":1},7]')
    expect(yield* send(post("/form", new URLSearchParams({ a: "1 2" })))).toBe('[["a","1 2"]]')
    expect(yield* send(post("/size", chunked(350_000)))).toBe("350000")
    const form = new FormData()
    form.set("field", "value")
    const bytes = Buffer.concat(
      Array.from({ length: 14 }, () => crypto.getRandomValues(Buffer.alloc(65_536))),
    )
    form.set("file", new File([bytes], "a.bin", { type: "application/octet-stream" }))
    expect(yield* send(post("/parts", form))).toBe(`field;a.bin:${Bun.hash(bytes)};`)
  }),
)

for (const path of ["/text", "/json", "/size", "/parts"]) {
  it.live(
    `rejects a body over the limit at ${path} with the app's error, with and without Content-Length`,
    () =>
      Effect.gen(function* () {
        const port = yield* serveApp(app)
        const form = new FormData()
        form.set("file", new File([new Uint8Array(1_200_000)], "a.bin", { type: "application/octet-stream" }))
        for (const body of path === "/parts" ? [form] : [new Uint8Array(1_000_001), chunked(3_000_000)]) {
          const { response, text } = yield* fetchText(port, path, post(path, body).init)
          expect([response.status, JSON.parse(text)]).toEqual([413, { error: "too large", limit: 1_000_000 }])
        }
      }),
  )
}

it.live("rejects a body by its Content-Length before it is sent", () =>
  Effect.gen(function* () {
    const client = yield* connectTcp(yield* serveApp(app))
    client.send("POST /text HTTP/1.1\r\nHost: test\r\nContent-Length: 99999999999\r\n\r\n")
    yield* client.until(({ text }) => text.includes("\r\n\r\n"))
    expect(client.text).toStartWith("HTTP/1.1 413 ")
  }),
)

it.live("accepts larger bodies on a route with its own limit", () =>
  Effect.gen(function* () {
    const port = yield* serveApp(app)
    expect((yield* fetchText(port, "/large", post("/large", chunked(4_000_000)).init)).text).toBe("4000000")
    expect((yield* fetchText(port, "/large", post("/large", chunked(6_000_000)).init)).response.status).toBe(
      413,
    )
  }),
)

it.live("applies backpressure to a request body that the handler does not read", () =>
  Effect.gen(function* () {
    const slowHandler = Effect.zipRight(Effect.sleep("300 millis"), HttpServerResponse.text("waited"))
    const client = yield* connectTcp(
      yield* serveApp(HttpRouter.empty.pipe(HttpRouter.post("/", slowHandler))),
    )
    client.send("POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n")
    const piece = new Uint8Array(1024 * 1024)
    for (let sent = 0; sent < 60; sent++) {
      client.send("100000\r\n")
      client.send(piece)
      client.send("\r\n")
    }
    yield* client.until(({ text }) => text.includes("waited"))
    expect(client.unsentBytes).toBeGreaterThan(20_000_000)
  }),
)
