import { expect } from "bun:test"
import { HttpApp, HttpRouter, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Deferred, Effect, Option, Stream, Tracer } from "effect"
import { it } from "../../support/it"
import { connectTcp } from "./RawClient"
import { fetchText, serveApp } from "./testServer"

const app = HttpRouter.empty.pipe(
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

it.live("sends every kind of response body", () =>
  Effect.gen(function* () {
    const port = yield* serveApp(app)
    const json = yield* fetchText(port, "/json")
    expect(json.text).toBe('{"ok":true}')
    expect(json.response.headers.get("content-type")).toBe("application/json")
    expect((yield* fetchText(port, "/bytes")).text).toBe("\u0001\u0002\u0003")
    const raw = yield* fetchText(port, "/raw")
    expect([raw.text, raw.response.headers.get("x-kind")]).toEqual(["from a blob", "raw"])
    const ownResponse = yield* fetchText(port, "/response")
    expect([
      ownResponse.text,
      ownResponse.response.status,
      ownResponse.response.headers.get("x-kind"),
    ]).toEqual(["made elsewhere", 201, "own"])
    expect((yield* fetchText(port, "/stream")).text).toBe("one two")
    const form = yield* Effect.promise(() =>
      fetch(`http://127.0.0.1:${port}/form`).then((response) => response.formData()),
    )
    expect(form.get("name")).toBe("value")
  }),
)

it.live("sends each cookie in its own header, and headers of pre-response handlers", () =>
  Effect.gen(function* () {
    const port = yield* serveApp(app)
    const { response } = yield* fetchText(port, "/cookies")
    expect(response.headers.getSetCookie()).toEqual(["a=1; HttpOnly", "b=2"])
    expect((yield* fetchText(port, "/appended")).response.headers.get("x-appended")).toBe("yes")
  }),
)

it.live("answers HEAD with headers only, without running a streamed body", () =>
  Effect.gen(function* () {
    let streamRan = false
    const observedStream = Stream.sync(() => {
      streamRan = true
      return new Uint8Array(5)
    })
    const port = yield* serveApp(
      HttpRouter.empty.pipe(
        HttpRouter.get("/json", HttpServerResponse.json({ ok: true })),
        HttpRouter.get("/stream", HttpServerResponse.stream(observedStream, { contentLength: 5 })),
      ),
    )
    const json = yield* fetchText(port, "/json", { method: "HEAD" })
    expect([json.response.headers.get("content-length"), json.text]).toEqual(["11", ""])
    const stream = yield* fetchText(port, "/stream", { method: "HEAD" })
    expect([stream.response.headers.get("content-length"), stream.text, streamRan]).toEqual(["5", "", false])
  }),
)

it.live("answers 404 to an unknown path and 500 to a defect, and keeps serving", () =>
  Effect.gen(function* () {
    const port = yield* serveApp(app)
    expect((yield* fetchText(port, "/nothing")).response.status).toBe(404)
    expect((yield* fetchText(port, "/bug")).response.status).toBe(500)
    expect((yield* fetchText(port, "/unsendable")).response.status).toBe(500)
    expect((yield* fetchText(port, "/json")).response.status).toBe(200)
  }),
)

it.live("exposes method, URL, headers and cookies of a request, and none of its secrets in logs", () =>
  Effect.gen(function* () {
    const app = Effect.map(HttpServerRequest.HttpServerRequest, (request) => {
      const modifiedRequest = request.modify({ url: "/elsewhere", remoteAddress: "203.0.113.9" })
      return HttpServerResponse.unsafeJson({
        original: [request.method, request.url, request.headers["x-thing"], request.cookies],
        modified: [
          modifiedRequest.url,
          modifiedRequest.headers["x-thing"],
          Option.getOrUndefined(modifiedRequest.remoteAddress),
        ],
        logged: JSON.stringify(request),
      })
    })
    const port = yield* serveApp(app)
    const headers = { "X-Thing": "yes", cookie: "a=1; b=two" }
    const { text } = yield* fetchText(port, "/path/%20x?q=1&q=2", { method: "PUT", headers })
    const { original, modified, logged } = JSON.parse(text)
    expect(original).toEqual(["PUT", "/path/%20x?q=1&q=2", "yes", { a: "1", b: "two" }])
    expect(modified).toEqual(["/elsewhere", "yes", "203.0.113.9"])
    expect(logged).not.toMatch(/q=1|two/)
  }),
)

it.live("exposes a request's headers and remote address after an asynchronous wait", () =>
  Effect.gen(function* () {
    const app = Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      yield* Effect.sleep("20 millis")
      const { headers, method, remoteAddress } = request
      return HttpServerResponse.unsafeJson([method, headers["x-thing"], Option.getOrUndefined(remoteAddress)])
    })
    const { text } = yield* fetchText(yield* serveApp(app), "/", { headers: { "x-thing": "yes" } })
    expect(JSON.parse(text)).toEqual(["GET", "yes", "127.0.0.1"])
  }),
)

it.live("interrupts a handler and releases its resources when the client disconnects", () =>
  Effect.gen(function* () {
    const handlerStarted = yield* Deferred.make<void>()
    const interrupted = yield* Deferred.make<void>()
    const released = yield* Deferred.make<void>()
    const handler = Effect.gen(function* () {
      yield* Effect.addFinalizer(() => Deferred.succeed(released, undefined))
      yield* Deferred.succeed(handlerStarted, undefined)
      return yield* Effect.never
    }).pipe(Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined)))
    const port = yield* serveApp(HttpRouter.empty.pipe(HttpRouter.get("/", handler)))
    const client = yield* connectTcp(port)
    client.get("/")
    yield* Deferred.await(handlerStarted)
    client.disconnect()
    yield* Deferred.await(interrupted)
    yield* Deferred.await(released)
  }),
)

it.live("interrupts a stream when the client disconnects, and keeps its scope open until then", () =>
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
    const port = yield* serveApp(HttpRouter.empty.pipe(HttpRouter.get("/", handler)))
    const client = yield* connectTcp(port)
    client.get("/")
    yield* client.until(({ text }) => text.endsWith("x\r\n"))
    expect(order).toEqual([])
    client.disconnect()
    yield* Deferred.await(released)
    expect(order).toEqual(["stream", "scope"])
  }),
)

it.live("creates request spans only if a tracer is installed, without headers or query", () =>
  Effect.gen(function* () {
    const names: Array<string> = []
    const attributes: Array<string> = []
    const real = yield* Effect.tracer
    const tracer = Tracer.make({
      context: (run) => run(),
      span: (name, parent, context, links, startTime, kind) => {
        names.push(name)
        const span = real.span(name, parent, context, links, startTime, kind)
        const recordAttribute = span.attribute.bind(span)
        return Object.assign(span, {
          attribute: (key: string, value: unknown) => {
            attributes.push(`${key}=${value}`)
            recordAttribute(key, value)
          },
        })
      },
    })
    const span = Effect.map(Effect.currentSpan, ({ name, sampled }) => (sampled ? name : "none"))
    const app = Effect.map(Effect.withSpan(Effect.orDie(span), "inner"), HttpServerResponse.text)
    const traced = yield* Effect.withTracer(serveApp(app), tracer)
    const { text } = yield* fetchText(traced, "/path?token=secret", {
      headers: { authorization: "Bearer secret" },
    })
    expect([text, names]).toEqual(["inner", ["http.server GET", "inner"]])
    expect(attributes).toContain("http.response.status_code=200")
    expect(attributes.join()).not.toContain("secret")
    const untraced = yield* serveApp(app)
    expect((yield* fetchText(untraced, "/")).text).toBe("none")
  }),
)

it.live("closes the connection and sends Connection: close when the request asks for it", () =>
  Effect.gen(function* () {
    const port = yield* serveApp(app)
    for (const [path, headerValue] of [
      ["/json", "Close"],
      ["/nothing", "close"],
    ] as const) {
      const client = yield* connectTcp(port)
      client.get(path, `Connection: ${headerValue}\r\n`)
      yield* client.awaitClose
      expect(client.text).toMatch(/^connection: close\r$/im)
    }
    const keepAlive = yield* connectTcp(port)
    keepAlive.get("/json")
    yield* keepAlive.until(({ text }) => text.includes("\r\n\r\n"))
    expect(keepAlive.text).not.toMatch(/^connection: close/im)
  }),
)

it.live("closes connections that are idle after a response, also when the request's body never ends", () =>
  Effect.gen(function* () {
    const port = yield* serveApp(app, { keepAliveTimeout: "4 seconds" })
    const [idle, halfSent] = yield* Effect.all([connectTcp(port), connectTcp(port)])
    idle.get("/json")
    halfSent.send("POST /unknown HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nhalf")
    yield* Effect.all([idle.awaitClose, halfSent.awaitClose], { concurrency: "unbounded" })
    expect([idle.text.slice(0, 12), halfSent.text.slice(0, 12)]).toEqual(["HTTP/1.1 200", "HTTP/1.1 404"])
  }),
)

it.live("serves a response that takes longer than the timeout of idle connections", () =>
  Effect.gen(function* () {
    const slow = HttpRouter.get(
      HttpRouter.empty,
      "/slow",
      Effect.delay(HttpServerResponse.text("slow"), "9 seconds"),
    )
    const port = yield* serveApp(slow, { keepAliveTimeout: "4 seconds" })
    const client = yield* connectTcp(port)
    client.get("/nothing")
    yield* client.until(({ text }) => text.includes("404"))
    client.get("/slow")
    yield* client.until(({ text, closed }) => closed || text.endsWith("slow"))
    expect(client.text).toEndWith("slow")
  }),
)
