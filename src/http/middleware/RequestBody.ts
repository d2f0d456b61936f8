import {
  FileSystem,
  Headers,
  HttpIncomingMessage,
  type HttpServerError,
  type HttpServerRequest,
} from "@effect/platform"
import { Effect, Option, Predicate } from "effect"
import { integerConfig, MAX_INT4 } from "../../domain/shared/ConfigHelpers"
import { type BodyFormat, contentTypes } from "../BodyFormat"
import type { Operation } from "../Contract"
import {
  bodyTimedOut,
  type HttpError,
  jsonTooDeep,
  malformedForm,
  malformedJson,
  payloadTooLarge,
  unsupportedMediaType,
} from "../HttpError"

type Request = HttpServerRequest.HttpServerRequest

/** The largest accepted body in bytes, where an operation sets no limit of its own. */
export const maxBodyBytes = integerConfig("MAX_BODY_BYTES", {
  min: 1,
  max: MAX_INT4,
  fallback: 1_048_576,
})

const contentTypePatterns: Readonly<Record<BodyFormat, RegExp>> = {
  json: /^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i,
  form: /^application\/x-www-form-urlencoded *(?:;|$)/i,
  multipart: /^multipart\/form-data *(?:;|$)/i,
}

const utf8 = new TextDecoder("utf-8", { fatal: true })

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

const parseJson = (bytes: ArrayBuffer) =>
  Effect.try({
    try: (): unknown => (bytes.byteLength === 0 ? {} : JSON.parse(utf8.decode(bytes))),
    catch: () => malformedJson,
  }).pipe(
    Effect.filterOrFail(
      (json) => withinDepth(json, MAX_JSON_DEPTH),
      () => jsonTooDeep,
    ),
  )

/** Parses a form to an object with a string for each field, or a list for fields that occur more than once. */
const parseForm = (bytes: ArrayBuffer) =>
  Effect.try({
    try: (): unknown => {
      const entries = Map.groupBy(new URLSearchParams(utf8.decode(bytes)), ([name]) => name)
      return Object.fromEntries(
        [...entries].map(([name, fields]) => {
          const [first, ...more] = fields.map(([, value]) => value)
          return [name, more.length === 0 ? first : [first, ...more]]
        }),
      )
    },
    catch: () => malformedForm,
  })

const parsers = {
  json: { parse: parseJson, malformed: malformedJson },
  form: { parse: parseForm, malformed: malformedForm },
}

/** Maps a failed read: the HTTP server reports a body over the limit, or not in time, in the cause. */
const mapReadError = (malformed: HttpError) =>
  Effect.fnUntraced(function* ({ cause }: HttpServerError.RequestError) {
    if (Predicate.isTagged(cause, "BodyTimedOut")) return yield* bodyTimedOut
    if (!Predicate.isTagged(cause, "BodyTooLarge")) return yield* malformed
    const limit = yield* HttpIncomingMessage.MaxBodySize
    return yield* payloadTooLarge(Number(Option.getOrElse(limit, () => 0)))
  })

/**
 * Returns the request with its body read, parsed, and presented as JSON, for the contract to decode. An
 * empty body counts as one without fields. Multipart bodies are not read: the handler streams them.
 */
export const parseBody = Effect.fnUntraced(function* (
  request: Request,
  { bodyFormat, maxBodySize }: Operation,
) {
  if (bodyFormat === undefined) return request
  const contentType = request.headers["content-type"]?.trim() ?? ""
  const isSupported = contentTypePatterns[bodyFormat].test(contentType)
  const unsupported = unsupportedMediaType(contentTypes[bodyFormat])
  if (bodyFormat === "multipart") return isSupported ? request : yield* unsupported
  const { parse, malformed } = parsers[bodyFormat]
  const read = Effect.catchAll(request.arrayBuffer, mapReadError(malformed))
  const bytes = yield* maxBodySize === undefined
    ? read
    : Effect.provideService(read, HttpIncomingMessage.MaxBodySize, Option.some(FileSystem.Size(maxBodySize)))
  if (bytes.byteLength > 0 && !isSupported) return yield* unsupported
  const json = yield* parse(bytes)
  const parsed: Request = Object.create(request, {
    json: { value: Effect.succeed(json) },
    headers: { value: Headers.set(request.headers, "content-type", "application/json") },
  })
  return parsed
})
