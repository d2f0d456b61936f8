import { expect } from "bun:test"
import { HttpRouter, HttpServerRequest, HttpServerResponse, Multipart } from "@effect/platform"
import { Effect, Option, Stream } from "effect"
import { BodyTooLarge } from "../../../src/infra/bun-http/RequestBody"
import { it } from "../../support/it"
import { rawClient } from "./RawClient"
import { asking, serving } from "./testServer"

const request = HttpServerRequest.HttpServerRequest
const size = (stream: Stream.Stream<Uint8Array, unknown>) =>
  Stream.runFold(stream, 0, (sum, piece) => sum + piece.byteLength)

const tooLarge = (error: unknown) =>
  (error instanceof Error || error instanceof Multipart.MultipartError) && error.cause instanceof BodyTooLarge
    ? HttpServerResponse.unsafeJson({ error: "too large", limit: error.cause.limit }, { status: 413 })
    : HttpServerResponse.unsafeJson({ error: "unreadable" }, { status: 400 })

const app = HttpRouter.empty.pipe(
  HttpRouter.post(
    "/text",
    Effect.map(
      Effect.flatMap(request, (r) => r.text),
      (text) => HttpServerResponse.text(text),
    ),
  ),
  HttpRouter.post(
    "/json",
    Effect.map(
      Effect.flatMap(request, (r) => r.json),
      (json) => HttpServerResponse.unsafeJson(json),
    ),
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
    Effect.map(
      Effect.flatMap(request, (r) => r.urlParamsBody),
      (form) => HttpServerResponse.unsafeJson(form),
    ),
  ),
  HttpRouter.post(
    "/size",
    Effect.map(
      Effect.flatMap(request, (r) => size(r.stream)),
      (sum) => HttpServerResponse.text(`${sum}`),
    ),
  ),
  HttpRouter.post(
    "/large",
    Effect.flatMap(request, (r) => size(r.stream)).pipe(
      Effect.map((sum) => HttpServerResponse.text(`${sum}`)),
      HttpServerRequest.withMaxBodySize(Option.some(5_000_000)),
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
            : Effect.map(size(part.content), (sum) => `${part.name}:${sum}`),
        ),
        "",
        (all, name) => `${all}${name};`,
      )
      return HttpServerResponse.text(names)
    }),
  ),
  Effect.catchAll((error) => Effect.succeed(tooLarge(error))),
)

const post = (path: string, body: Bun.BodyInit) => ({ path, init: { method: "POST", body } })
const chunked = (size: number) =>
  new ReadableStream({
    start(controller) {
      for (let left = size; left > 0; left -= 100_000)
        controller.enqueue(new Uint8Array(Math.min(left, 100_000)).fill(120))
      controller.close()
    },
  })

it.live("reads a body in every way, and more than once", () =>
  Effect.gen(function* () {
    const port = yield* serving(app)
    const send = ({ path, init }: ReturnType<typeof post>) =>
      Effect.map(asking(port, path, init), ({ text }) => text)
    expect(yield* send(post("/text", "grüße"))).toBe("grüße")
    expect(yield* send(post("/text", ""))).toBe("")
    expect(yield* send(post("/json", '{"a":[1]}'))).toBe('{"a":[1]}')
    expect(yield* send(post("/twice", '{"a":1}'))).toBe('["{\\"a\\":1}",{"a":1},7]')
    expect(yield* send(post("/form", new URLSearchParams({ a: "1 2" })))).toBe('[["a","1 2"]]')
    expect(yield* send(post("/size", chunked(350_000)))).toBe("350000")
    const form = new FormData()
    form.set("field", "value")
    form.set("file", new File([new Uint8Array(70_000)], "a.bin", { type: "application/octet-stream" }))
    expect(yield* send(post("/parts", form))).toBe("field;a.bin:70000;")
  }),
)

for (const path of ["/text", "/json", "/size", "/parts"]) {
  it.live(`refuses a body over the limit at ${path}, announced or not, in the app's own words`, () =>
    Effect.gen(function* () {
      const port = yield* serving(app)
      const form = new FormData()
      form.set("file", new File([new Uint8Array(1_200_000)], "a.bin", { type: "application/octet-stream" }))
      const announced = yield* asking(
        port,
        path,
        post(path, path === "/parts" ? form : new Uint8Array(1_000_001)).init,
      )
      expect([announced.response.status, JSON.parse(announced.text)]).toEqual([
        413,
        { error: "too large", limit: 1_000_000 },
      ])
      if (path === "/parts") return
      const streamed = yield* asking(port, path, post(path, chunked(3_000_000)).init)
      expect([streamed.response.status, JSON.parse(streamed.text)]).toEqual([
        413,
        { error: "too large", limit: 1_000_000 },
      ])
    }),
  )
}

it.live("refuses by the announced length before anything is sent", () =>
  Effect.gen(function* () {
    const client = yield* rawClient(yield* serving(app))
    client.send("POST /text HTTP/1.1\r\nHost: test\r\nContent-Length: 99999999999\r\n\r\n")
    yield* client.until(({ text }) => text.includes("\r\n\r\n"))
    expect(client.text).toStartWith("HTTP/1.1 413 ")
  }),
)

it.live("lets a route take more than the rest", () =>
  Effect.gen(function* () {
    const port = yield* serving(app)
    expect((yield* asking(port, "/large", post("/large", chunked(4_000_000)).init)).text).toBe("4000000")
    expect((yield* asking(port, "/large", post("/large", chunked(6_000_000)).init)).response.status).toBe(413)
  }),
)

it.live("leaves with the sender what a handler does not read", () =>
  Effect.gen(function* () {
    const waiting = Effect.zipRight(Effect.sleep("300 millis"), HttpServerResponse.text("waited"))
    const client = yield* rawClient(yield* serving(HttpRouter.empty.pipe(HttpRouter.post("/", waiting))))
    client.send("POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n")
    const piece = new Uint8Array(1024 * 1024)
    for (let sent = 0; sent < 60; sent++) {
      client.send("100000\r\n")
      client.send(piece)
      client.send("\r\n")
    }
    yield* client.until(({ text }) => text.includes("waited"))
    expect(client.unsent).toBeGreaterThan(20_000_000)
  }),
)
