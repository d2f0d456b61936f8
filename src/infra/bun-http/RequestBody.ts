import { HttpIncomingMessage } from "@effect/platform"
import { Data, Effect, Option, Stream } from "effect"

/** The cause inside the request or multipart error that reading a body over the limit fails with. */
export class BodyTooLarge extends Data.TaggedError("BodyTooLarge")<{
  /** In bytes. */
  readonly limit: number
}> {
  override get message() {
    return `The body is larger than ${this.limit} bytes`
  }
}

/** A body that could not be read: interrupted by the client, or consumed before. */
class UnreadableBody extends Data.TaggedError("UnreadableBody")<{ readonly cause: unknown }> {}

const maxBodySize = Effect.map(HttpIncomingMessage.MaxBodySize, (size) =>
  Option.match(size, { onNone: () => Number.POSITIVE_INFINITY, onSome: Number }),
)

/** Reads a body without Content-Length; stops and rejects with BodyTooLarge beyond `maxBytes`. */
const readChunked = async (body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> => {
  const chunks: Array<Uint8Array> = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > maxBytes) throw new BodyTooLarge({ limit: maxBytes })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/**
 * Reads the whole body of a request. Rejects with BodyTooLarge if it is larger than `maxBytes`, and
 * with another error if the client disconnects.
 */
export const readRequestBody = async (source: Request, maxBytes: number): Promise<Uint8Array> => {
  const contentLength = source.headers.get("content-length")
  if (Number(contentLength ?? 0) > maxBytes) throw new BodyTooLarge({ limit: maxBytes })
  if (source.body === null) return new Uint8Array()
  return contentLength === null ? readChunked(source.body, maxBytes) : source.bytes()
}

/** The body of a request, limited to `HttpIncomingMessage.MaxBodySize` whichever way it is read. */
export class RequestBody {
  private cachedBytes: Promise<Uint8Array> | undefined

  constructor(private readonly source: Request) {}

  private readonly withinLimit = Effect.filterOrFail(
    maxBodySize,
    (maxBytes) => Number(this.source.headers.get("content-length") ?? 0) <= maxBytes,
    (maxBytes) => new BodyTooLarge({ limit: maxBytes }),
  )

  /** Reads the whole body. The bytes are cached, so it can be run repeatedly. */
  readonly bytes = Effect.flatMap(maxBodySize, (maxBytes) =>
    Effect.tryPromise({
      try: () => {
        this.cachedBytes ??= readRequestBody(this.source, maxBytes)
        return this.cachedBytes
      },
      catch: (cause) => (cause instanceof BodyTooLarge ? cause : new UnreadableBody({ cause })),
    }),
  )

  /** Streams the body as it arrives. Can be run once. */
  readonly stream = Stream.unwrap(
    Effect.map(this.withinLimit, (maxBytes) => {
      const { body } = this.source
      if (body === null) return Stream.empty
      let size = 0
      return Stream.fromReadableStream({
        evaluate: () => body,
        onError: (cause) => new UnreadableBody({ cause }),
      }).pipe(
        Stream.mapEffect((chunk) => {
          size += chunk.byteLength
          return size > maxBytes ? new BodyTooLarge({ limit: maxBytes }) : Effect.succeed(chunk)
        }),
      )
    }),
  )
}
