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
import { parseMultipart } from "./Multipart"
import { pathAndQuery } from "./Path"
import type { PendingResponse } from "./PendingResponse"
import { BodyTooLarge } from "./RequestBody"
import { upgrade } from "./WebSocket"
import type { WebSocketHandler } from "./WebSocketHandler"

interface Overrides {
  readonly url?: string
  readonly headers?: Headers.Headers
  readonly remoteAddress?: string
}

/** The request that handlers get. Headers, cookies and the address are computed on first use. */
export class ServerRequest extends Inspectable.Class implements HttpServerRequest.HttpServerRequest {
  readonly [HttpServerRequest.TypeId]: typeof HttpServerRequest.TypeId = HttpServerRequest.TypeId
  readonly [HttpIncomingMessage.TypeId]: typeof HttpIncomingMessage.TypeId = HttpIncomingMessage.TypeId
  readonly source: Request
  readonly url: string
  private cachedHeaders: Headers.Headers | undefined
  private cachedCookies: Readonly<Record<string, string>> | undefined

  constructor(
    private readonly pending: PendingResponse,
    private readonly overrides: Overrides = {},
  ) {
    super()
    this.source = pending.source
    this.url = overrides.url ?? pathAndQuery(pending.source.url)
    this.cachedHeaders = overrides.headers
  }

  get method(): HttpMethod.HttpMethod {
    // The platform's type lacks methods that are never routed.
    return this.source.method as HttpMethod.HttpMethod
  }

  get originalUrl(): string {
    return this.source.url
  }

  get headers(): Headers.Headers {
    this.cachedHeaders ??= Headers.fromInput(this.source.headers)
    return this.cachedHeaders
  }

  get cookies(): Readonly<Record<string, string>> {
    this.cachedCookies ??= Cookies.parseHeader(this.headers.cookie ?? "")
    return this.cachedCookies
  }

  get remoteAddress(): Option.Option<string> {
    return Option.fromNullable(this.overrides.remoteAddress ?? this.pending.address)
  }

  get arrayBuffer(): Effect.Effect<ArrayBuffer, HttpServerError.RequestError> {
    return Effect.map(this.bytes, (bytes) => new Uint8Array(bytes).buffer)
  }

  get text(): Effect.Effect<string, HttpServerError.RequestError> {
    return Effect.map(this.bytes, (bytes) => new TextDecoder().decode(bytes))
  }

  get json(): Effect.Effect<unknown, HttpServerError.RequestError> {
    return Effect.flatMap(this.text, (text) =>
      Effect.try({ try: (): unknown => JSON.parse(text), catch: (cause) => this.decodeError(cause) }),
    )
  }

  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, HttpServerError.RequestError> {
    return Effect.map(this.text, (text) => UrlParams.fromInput(new URLSearchParams(text)))
  }

  get stream(): Stream.Stream<Uint8Array, HttpServerError.RequestError> {
    return Stream.mapError(this.pending.body.stream, (cause) => this.decodeError(cause))
  }

  get multipartStream(): Stream.Stream<Multipart.Part, Multipart.MultipartError> {
    const toMultipartError = (cause: unknown) =>
      new Multipart.MultipartError({
        reason: cause instanceof BodyTooLarge ? "BodyTooLarge" : "InternalError",
        cause,
      })
    const body = this.pending.body
      .open({ inBulk: true })
      .pipe(Effect.map(Effect.mapError(Option.map(toMultipartError))), Effect.mapError(toMultipartError))
    return parseMultipart(this.headers, body)
  }

  get multipart() {
    return Multipart.toPersisted(this.multipartStream)
  }

  get upgrade(): Effect.Effect<Socket.Socket, HttpServerError.RequestError> {
    return Effect.mapError(upgrade(this.pending), (cause) => this.decodeError(cause))
  }

  /** Hands the connection over to a handler that outlives the request, as `http/WebSockets.ts` needs it. */
  upgradeTo(handler: WebSocketHandler, headers: Readonly<Record<string, string>>): boolean {
    return this.pending.upgrade(handler, { ...headers })
  }

  modify(overrides: Overrides): ServerRequest {
    return new ServerRequest(this.pending, { ...this.overrides, ...overrides })
  }

  toJSON(): unknown {
    return {
      _id: "HttpServerRequest",
      method: this.method,
      url: pathAndQuery(this.originalUrl).replace(/\?.*/s, ""),
    }
  }

  private get bytes() {
    return Effect.mapError(this.pending.body.bytes, (cause) => this.decodeError(cause))
  }

  private decodeError(cause: unknown): HttpServerError.RequestError {
    return new HttpServerError.RequestError({ request: this, reason: "Decode", cause })
  }
}
