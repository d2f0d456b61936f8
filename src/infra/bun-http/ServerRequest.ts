import {
  Cookies,
  Headers,
  HttpIncomingMessage,
  type HttpMethod,
  HttpServerError,
  HttpServerRequest,
  Multipart,
  type Socket,
  UrlParams,
} from "@effect/platform"
import { Effect, Inspectable, Option, Stream } from "effect"
import { pathOf } from "./Path"
import type { Exchange } from "./PendingResponse"
import { BodyTooLarge } from "./RequestBody"
import { upgrade } from "./WebSocket"

interface Changes {
  readonly url?: string
  readonly headers?: Headers.Headers
  readonly remoteAddress?: string
}

/** A request as handlers see it. What costs something is looked up when it is asked for. */
export class ServerRequest extends Inspectable.Class implements HttpServerRequest.HttpServerRequest {
  readonly [HttpServerRequest.TypeId]: typeof HttpServerRequest.TypeId = HttpServerRequest.TypeId
  readonly [HttpIncomingMessage.TypeId]: typeof HttpIncomingMessage.TypeId = HttpIncomingMessage.TypeId
  readonly source: Request
  readonly url: string
  private knownHeaders: Headers.Headers | undefined
  private knownCookies: Readonly<Record<string, string>> | undefined

  constructor(
    private readonly exchange: Exchange,
    private readonly changes: Changes = {},
  ) {
    super()
    this.source = exchange.source
    this.url = changes.url ?? pathOf(exchange.source.url)
    this.knownHeaders = changes.headers
  }

  get method(): HttpMethod.HttpMethod {
    // The platform's type leaves out the methods that nobody routes.
    return this.source.method as HttpMethod.HttpMethod
  }

  get originalUrl(): string {
    return this.source.url
  }

  get headers(): Headers.Headers {
    this.knownHeaders ??= Headers.fromInput(this.source.headers)
    return this.knownHeaders
  }

  get cookies(): Readonly<Record<string, string>> {
    this.knownCookies ??= Cookies.parseHeader(this.headers.cookie ?? "")
    return this.knownCookies
  }

  get remoteAddress(): Option.Option<string> {
    return Option.fromNullable(this.changes.remoteAddress ?? this.exchange.address)
  }

  get arrayBuffer(): Effect.Effect<ArrayBuffer, HttpServerError.RequestError> {
    return Effect.map(this.bytes, (bytes) => new Uint8Array(bytes).buffer)
  }

  get text(): Effect.Effect<string, HttpServerError.RequestError> {
    return Effect.map(this.bytes, (bytes) => new TextDecoder().decode(bytes))
  }

  get json(): Effect.Effect<unknown, HttpServerError.RequestError> {
    return Effect.flatMap(this.text, (text) =>
      Effect.try({ try: (): unknown => JSON.parse(text), catch: (cause) => this.unreadable(cause) }),
    )
  }

  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, HttpServerError.RequestError> {
    return Effect.map(this.text, (text) => UrlParams.fromInput(new URLSearchParams(text)))
  }

  get stream(): Stream.Stream<Uint8Array, HttpServerError.RequestError> {
    return Stream.mapError(this.exchange.body.stream, (cause) => this.unreadable(cause))
  }

  get multipartStream(): Stream.Stream<Multipart.Part, Multipart.MultipartError> {
    return this.exchange.body.stream.pipe(
      Stream.mapError(
        (cause) =>
          new Multipart.MultipartError({
            reason: cause instanceof BodyTooLarge ? "BodyTooLarge" : "InternalError",
            cause,
          }),
      ),
      Stream.pipeThroughChannel(Multipart.makeChannel(this.headers)),
    )
  }

  get multipart() {
    return Multipart.toPersisted(this.multipartStream)
  }

  get upgrade(): Effect.Effect<Socket.Socket, HttpServerError.RequestError> {
    return Effect.mapError(upgrade(this.exchange), (cause) => this.unreadable(cause))
  }

  modify(changes: Changes): ServerRequest {
    return new ServerRequest(this.exchange, { ...this.changes, ...changes })
  }

  toJSON(): unknown {
    return {
      _id: "HttpServerRequest",
      method: this.method,
      url: pathOf(this.originalUrl).replace(/\?.*/s, ""),
    }
  }

  private get bytes() {
    return Effect.mapError(this.exchange.body.bytes, (cause) => this.unreadable(cause))
  }

  private unreadable(cause: unknown): HttpServerError.RequestError {
    return new HttpServerError.RequestError({ request: this, reason: "Decode", cause })
  }
}
