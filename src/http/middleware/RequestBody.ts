import {
  FileSystem,
  Headers,
  HttpIncomingMessage,
  type HttpServerError,
  type HttpServerRequest,
} from "@effect/platform"
import { Effect, Option, Predicate } from "effect"
import { integerConfig, MAX_INT4 } from "../../domain/shared/ConfigHelpers"
import { jsonTooDeep, malformedJson, payloadTooLarge, unsupportedMediaType } from "../HttpError"

type Request = HttpServerRequest.HttpServerRequest

/** The largest accepted body in bytes, where an operation sets no limit of its own. */
export const maxBodyBytes = integerConfig("MAX_BODY_BYTES", {
  min: 1,
  max: MAX_INT4,
  fallback: 1_048_576,
})

const isJson = (contentType: string | undefined) =>
  contentType !== undefined && /^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i.test(contentType.trim())

/** Maps a failed read: the HTTP server reports a body over the limit in the cause. */
const mapReadError = Effect.fnUntraced(function* ({ cause }: HttpServerError.RequestError) {
  if (!Predicate.isTagged(cause, "BodyTooLarge")) return yield* malformedJson
  const limit = yield* HttpIncomingMessage.MaxBodySize
  return yield* payloadTooLarge(Number(Option.getOrElse(limit, () => 0)))
})

const utf8 = new TextDecoder("utf-8", { fatal: true })

const parse = (bytes: ArrayBuffer) =>
  Effect.try({
    try: (): unknown => (bytes.byteLength === 0 ? {} : JSON.parse(utf8.decode(bytes))),
    catch: () => malformedJson,
  })

/** The maximum nesting: more than any contract needs, far from overflowing the stack. */
const MAX_JSON_DEPTH = 64

/** Checks the nesting in plain loops: a hostile body has millions of values, and the event loop is blocked. */
const withinDepth = (value: unknown, levels: number): boolean => {
  if (typeof value !== "object" || value === null) return true
  if (levels === 0) return false
  if (Array.isArray(value)) {
    for (const inner of value) if (!withinDepth(inner, levels - 1)) return false
  } else {
    for (const key in value) if (!withinDepth(Reflect.get(value, key), levels - 1)) return false
  }
  return true
}

/**
 * Returns the request with its JSON body read and parsed, for the contract to decode. An empty body counts
 * as `{}`. `limit`: the largest accepted body in bytes, if not the configured one.
 */
export const parseJsonBody = Effect.fnUntraced(function* (request: Request, limit: number | undefined) {
  const read = Effect.catchAll(request.arrayBuffer, mapReadError)
  const bytes = yield* limit === undefined
    ? read
    : Effect.provideService(read, HttpIncomingMessage.MaxBodySize, Option.some(FileSystem.Size(limit)))
  if (bytes.byteLength > 0 && !isJson(request.headers["content-type"])) return yield* unsupportedMediaType
  const json = yield* parse(bytes)
  if (!withinDepth(json, MAX_JSON_DEPTH)) return yield* jsonTooDeep
  const parsed: Request = Object.create(request, {
    json: { value: Effect.succeed(json) },
    headers: { value: Headers.set(request.headers, "content-type", "application/json") },
  })
  return parsed
})
