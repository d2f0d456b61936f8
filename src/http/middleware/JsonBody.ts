import {
  FileSystem,
  Headers,
  HttpIncomingMessage,
  type HttpServerError,
  type HttpServerRequest,
} from "@effect/platform"
import { Effect, Option, Predicate } from "effect"
import { integerConfig, MAX_INT4 } from "../../domain/shared/ConfigHelpers"
import { bodyTooLarge, malformedJson, nestedTooDeeply, unsupportedMediaType } from "../HttpError"

type Request = HttpServerRequest.HttpServerRequest

/** The largest body taken, in bytes, where an operation does not say otherwise. */
export const maxBodyBytes = integerConfig("MAX_BODY_BYTES", {
  min: 1,
  max: MAX_INT4,
  fallback: 1_048_576,
})

const isJson = (contentType: string | undefined) =>
  contentType !== undefined && /^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i.test(contentType.trim())

/** The server's layer refuses what is too large, and says so in the cause. */
const unreadable = Effect.fnUntraced(function* ({ cause }: HttpServerError.RequestError) {
  if (!Predicate.isTagged(cause, "BodyTooLarge")) return yield* malformedJson
  const limit = yield* HttpIncomingMessage.MaxBodySize
  return yield* bodyTooLarge(Number(Option.getOrElse(limit, () => 0)))
})

const utf8 = new TextDecoder("utf-8", { fatal: true })

const parse = (bytes: ArrayBuffer) =>
  Effect.try({
    try: (): unknown => (bytes.byteLength === 0 ? {} : JSON.parse(utf8.decode(bytes))),
    catch: () => malformedJson,
  })

/** How many arrays and objects may stand in one another: beyond any contract, short of the stack's end. */
const deepest = 64

/** In plain loops: a hostile body has millions of them, and nobody else is served meanwhile. */
const fits = (value: unknown, levels: number): boolean => {
  if (typeof value !== "object" || value === null) return true
  if (levels === 0) return false
  if (Array.isArray(value)) {
    for (const inner of value) if (!fits(inner, levels - 1)) return false
  } else {
    for (const key in value) if (!fits(Reflect.get(value, key), levels - 1)) return false
  }
  return true
}

/**
 * The request with its JSON body read and parsed, ready for the contract to decode. An operation
 * whose fields are all optional may be sent no body at all.
 */
export const withJsonBody = Effect.fnUntraced(function* (request: Request, limit: number | undefined) {
  const read = Effect.catchAll(request.arrayBuffer, unreadable)
  const bytes = yield* limit === undefined
    ? read
    : Effect.provideService(read, HttpIncomingMessage.MaxBodySize, Option.some(FileSystem.Size(limit)))
  if (bytes.byteLength > 0 && !isJson(request.headers["content-type"])) return yield* unsupportedMediaType
  const json = yield* parse(bytes)
  if (!fits(json, deepest)) return yield* nestedTooDeeply
  const parsed: Request = Object.create(request, {
    json: { value: Effect.succeed(json) },
    headers: { value: Headers.set(request.headers, "content-type", "application/json") },
  })
  return parsed
})
