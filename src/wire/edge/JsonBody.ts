import type { HttpServerRequest } from "@effect/platform"
import { Config, Effect } from "effect"
import { bodyTooLarge, malformedJson, unsupportedMediaType } from "../frame/Problem"

type Request = HttpServerRequest.HttpServerRequest

/** The largest JSON body taken, in bytes. */
export const maxBodyBytes = Config.integer("MAX_BODY_BYTES").pipe(
  Config.validate({ message: "must be 1 or more", validation: (bytes) => bytes >= 1 }),
  Config.withDefault(1_048_576),
)

const isJson = (contentType: string | undefined) =>
  contentType !== undefined && /^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i.test(contentType.trim())

/** Reads at most `limit` bytes; more than that, announced or not, is refused. */
const read = (request: Request, limit: number) =>
  Effect.gen(function* () {
    if (Number(request.headers["content-length"] ?? 0) > limit) return yield* bodyTooLarge(limit)
    const { source } = request
    if (!(source instanceof Request) || source.body === null) return ""
    const body = source.body
    return yield* Effect.tryPromise({
      try: async () => {
        const pieces: Array<Uint8Array> = []
        let size = 0
        for await (const piece of body) {
          size += piece.byteLength
          if (size > limit) throw bodyTooLarge(limit)
          pieces.push(piece)
        }
        return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(pieces))
      },
      catch: (error) => (error instanceof Error && "_tag" in error ? bodyTooLarge(limit) : malformedJson),
    })
  })

/**
 * The request with its JSON body read and parsed, ready for the contract to decode. An operation
 * whose fields are all optional may be sent no body at all.
 */
export const withJsonBody = Effect.fnUntraced(function* (request: Request, limit: number) {
  const text = yield* read(request, limit)
  if (text !== "" && !isJson(request.headers["content-type"])) return yield* unsupportedMediaType
  const json = yield* Effect.try({
    try: (): unknown => (text === "" ? {} : JSON.parse(text)),
    catch: () => malformedJson,
  })
  const parsed: Request = Object.create(request, { json: { value: Effect.succeed(json) } })
  return parsed
})
