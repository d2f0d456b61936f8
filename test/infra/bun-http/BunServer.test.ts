import { expect } from "bun:test"
import { HttpApp, HttpRouter, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Deferred, Effect, Option, Stream, Tracer } from "effect"
import { it } from "../../support/it"
import { rawClient } from "./RawClient"
import { asking, serving } from "./testServer"

const bodies = HttpRouter.empty.pipe(
  HttpRouter.get("/json", HttpServerResponse.json({ ok: true })),
  HttpRouter.get("/bytes", HttpServerResponse.uint8Array(new Uint8Array([1, 2, 3]))),
  HttpRouter.get("/raw", HttpServerResponse.raw(new Blob(["from a blob"]), { headers: { "x-kind": "raw" } })),
  HttpRouter.get(
    "/response",
    HttpServerResponse.raw(new Response("made elsewhere", { status: 201 }), { headers: { "x-kind": "own" } }),
  ),
  HttpRouter.get(
    "/stream",
    HttpServerResponse.stream(Stream.make("one ", "two").pipe(Stream.encodeText), {
      contentType: "text/plain",
    }),
  ),
  HttpRouter.get(
    "/form",
    Effect.sync(() => {
      const form = new FormData()
      form.set("name", "value")
      return HttpServerResponse.formData(form)
    }),
  ),
  HttpRouter.get(
    "/cookies",
    HttpServerResponse.empty().pipe(
      HttpServerResponse.unsafeSetCookie("a", "1", { httpOnly: true }),
      HttpServerResponse.unsafeSetCookie("b", "2"),
    ),
  ),
  HttpRouter.get(
    "/appended",
    Effect.zipRight(
      HttpApp.appendPreResponseHandler((_, response) =>
        Effect.succeed(HttpServerResponse.setHeader(response, "x-appended", "yes")),
      ),
      HttpServerResponse.empty(),
    ),
  ),
  HttpRouter.get("/bug", Effect.dieMessage("a bug")),
  HttpRouter.get("/unsendable", HttpServerResponse.raw({ not: "a body" })),
)

it.live("sends every kind of body", () =>
  Effect.gen(function* () {
    const port = yield* serving(bodies)
    const json = yield* asking(port, "/json")
    expect(json.text).toBe('{"ok":true}')
    expect(json.response.headers.get("content-type")).toBe("application/json")
    expect((yield* asking(port, "/bytes")).text).toBe("\u0001\u0002\u0003")
    const raw = yield* asking(port, "/raw")
    expect([raw.text, raw.response.headers.get("x-kind")]).toEqual(["from a blob", "raw"])
    const own = yield* asking(port, "/response")
    expect([own.text, own.response.status, own.response.headers.get("x-kind")]).toEqual([
      "made elsewhere",
      201,
      "own",
    ])
    expect((yield* asking(port, "/stream")).text).toBe("one two")
    const form = yield* Effect.promise(() =>
      fetch(`http://127.0.0.1:${port}/form`).then((response) => response.formData()),
    )
    expect(form.get("name")).toBe("value")
  }),
)

it.live("sends cookies apart, and what handlers append to answers", () =>
  Effect.gen(function* () {
    const port = yield* serving(bodies)
    const { response } = yield* asking(port, "/cookies")
    expect(response.headers.getSetCookie()).toEqual(["a=1; HttpOnly", "b=2"])
    expect((yield* asking(port, "/appended")).response.headers.get("x-appended")).toBe("yes")
  }),
)

it.live("answers HEAD with the headers alone, and runs no stream for it", () =>
  Effect.gen(function* () {
    let ran = false
    const touched = Stream.sync(() => {
      ran = true
      return new Uint8Array(5)
    })
    const port = yield* serving(
      HttpRouter.empty.pipe(
        HttpRouter.get("/json", HttpServerResponse.json({ ok: true })),
        HttpRouter.get("/stream", HttpServerResponse.stream(touched, { contentLength: 5 })),
      ),
    )
    const json = yield* asking(port, "/json", { method: "HEAD" })
    expect([json.response.headers.get("content-length"), json.text]).toEqual(["11", ""])
    const stream = yield* asking(port, "/stream", { method: "HEAD" })
    expect([stream.response.headers.get("content-length"), stream.text, ran]).toEqual(["5", "", false])
  }),
)

it.live("answers 404 where nothing is, and 500 to a bug, and goes on", () =>
  Effect.gen(function* () {
    const port = yield* serving(bodies)
    expect((yield* asking(port, "/nothing")).response.status).toBe(404)
    expect((yield* asking(port, "/bug")).response.status).toBe(500)
    expect((yield* asking(port, "/unsendable")).response.status).toBe(500)
    expect((yield* asking(port, "/json")).response.status).toBe(200)
  }),
)

it.live("shows a request as it came", () =>
  Effect.gen(function* () {
    const app = Effect.map(HttpServerRequest.HttpServerRequest, (request) => {
      const moved = request.modify({ url: "/elsewhere", remoteAddress: "203.0.113.9" })
      return HttpServerResponse.unsafeJson({
        seen: [request.method, request.url, request.headers["x-thing"], request.cookies],
        moved: [moved.url, moved.headers["x-thing"], Option.getOrUndefined(moved.remoteAddress)],
        logged: JSON.stringify(request),
      })
    })
    const port = yield* serving(app)
    const headers = { "X-Thing": "yes", cookie: "a=1; b=two" }
    const { text } = yield* asking(port, "/path/%20x?q=1&q=2", { method: "PUT", headers })
    const { seen, moved, logged } = JSON.parse(text)
    expect(seen).toEqual(["PUT", "/path/%20x?q=1&q=2", "yes", { a: "1", b: "two" }])
    expect(moved).toEqual(["/elsewhere", "yes", "203.0.113.9"])
    expect(logged).not.toMatch(/q=1|two/)
  }),
)

it.live("knows a request's headers and where it comes from after a while too", () =>
  Effect.gen(function* () {
    const app = Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      yield* Effect.sleep("20 millis")
      const { headers, method, remoteAddress } = request
      return HttpServerResponse.unsafeJson([method, headers["x-thing"], Option.getOrUndefined(remoteAddress)])
    })
    const { text } = yield* asking(yield* serving(app), "/", { headers: { "x-thing": "yes" } })
    expect(JSON.parse(text)).toEqual(["GET", "yes", "127.0.0.1"])
  }),
)

it.live("interrupts a handler whose client goes away, and gives back what it held", () =>
  Effect.gen(function* () {
    const began = yield* Deferred.make<void>()
    const interrupted = yield* Deferred.make<void>()
    const released = yield* Deferred.make<void>()
    const handler = Effect.gen(function* () {
      yield* Effect.addFinalizer(() => Deferred.succeed(released, undefined))
      yield* Deferred.succeed(began, undefined)
      return yield* Effect.never
    }).pipe(Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined)))
    const port = yield* serving(HttpRouter.empty.pipe(HttpRouter.get("/", handler)))
    const client = yield* rawClient(port)
    client.get("/")
    yield* Deferred.await(began)
    client.breakOff()
    yield* Deferred.await(interrupted)
    yield* Deferred.await(released)
  }),
)

it.live("interrupts a stream whose client goes away, and holds its scope open until then", () =>
  Effect.gen(function* () {
    const order: Array<string> = []
    const released = yield* Deferred.make<void>()
    const handler = Effect.gen(function* () {
      yield* Effect.addFinalizer(() => {
        order.push("scope")
        return Deferred.succeed(released, undefined)
      })
      const forever = Stream.concat(Stream.make(new Uint8Array([120])), Stream.never)
      return HttpServerResponse.stream(
        Stream.ensuring(
          forever,
          Effect.sync(() => order.push("stream")),
        ),
      )
    })
    const port = yield* serving(HttpRouter.empty.pipe(HttpRouter.get("/", handler)))
    const client = yield* rawClient(port)
    client.get("/")
    yield* client.until(({ text }) => text.endsWith("x\r\n"))
    expect(order).toEqual([])
    client.breakOff()
    yield* Deferred.await(released)
    expect(order).toEqual(["stream", "scope"])
  }),
)

it.live("makes spans only for a tracer that is there, without headers or query", () =>
  Effect.gen(function* () {
    const names: Array<string> = []
    const attributes: Array<string> = []
    const real = yield* Effect.tracer
    const tracer = Tracer.make({
      context: (run) => run(),
      span: (name, parent, context, links, startTime, kind) => {
        names.push(name)
        const span = real.span(name, parent, context, links, startTime, kind)
        const keep = span.attribute.bind(span)
        return Object.assign(span, {
          attribute: (key: string, value: unknown) => {
            attributes.push(`${key}=${value}`)
            keep(key, value)
          },
        })
      },
    })
    const span = Effect.map(Effect.currentSpan, ({ name, sampled }) => (sampled ? name : "none"))
    const app = Effect.map(Effect.withSpan(Effect.orDie(span), "inner"), HttpServerResponse.text)
    const traced = yield* Effect.withTracer(serving(app), tracer)
    const { text } = yield* asking(traced, "/path?token=secret", {
      headers: { authorization: "Bearer secret" },
    })
    expect([text, names]).toEqual(["inner", ["http.server GET", "inner"]])
    expect(attributes).toContain("http.response.status_code=200")
    expect(attributes.join()).not.toContain("secret")
    const untraced = yield* serving(app)
    expect((yield* asking(untraced, "/")).text).toBe("none")
  }),
)

it.live("says that it hangs up, and does, when that is what a request asks for", () =>
  Effect.gen(function* () {
    const port = yield* serving(bodies)
    for (const [path, asked] of [
      ["/json", "Close"],
      ["/nothing", "close"],
    ] as const) {
      const client = yield* rawClient(port)
      client.get(path, `Connection: ${asked}\r\n`)
      yield* client.end
      expect(client.text).toMatch(/^connection: close\r$/im)
    }
    const staying = yield* rawClient(port)
    staying.get("/json")
    yield* staying.until(({ text }) => text.includes("\r\n\r\n"))
    expect(staying.text).not.toMatch(/^connection: close/im)
  }),
)
