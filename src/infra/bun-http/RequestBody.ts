import { HttpIncomingMessage } from "@effect/platform"
import { Data, Effect, Option, Stream } from "effect"

/** The cause of the request error or multipart error that reading too large a body ends in. */
export class BodyTooLarge extends Data.TaggedError("BodyTooLarge")<{
  /** In bytes. */
  readonly limit: number
}> {
  override get message() {
    return `The body is larger than ${this.limit} bytes`
  }
}

/** A body that could not be read: too large, cut off, or read before. */
class UnreadableBody extends Data.TaggedError("UnreadableBody")<{ readonly cause: unknown }> {}

const limit = Effect.map(HttpIncomingMessage.MaxBodySize, (size) =>
  Option.match(size, { onNone: () => Number.POSITIVE_INFINITY, onSome: Number }),
)

/** Reads a body whose length was not announced, and no more of it than is allowed. */
const collect = async (body: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array> => {
  const pieces: Array<Uint8Array> = []
  let size = 0
  for await (const piece of body) {
    size += piece.byteLength
    if (size > most) throw new BodyTooLarge({ limit: most })
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/**
 * The whole body of a request, if that is at most `most` bytes; else rejects with BodyTooLarge.
 * Rejects too when the other side breaks off.
 */
export const readAtMost = async (source: Request, most: number): Promise<Uint8Array> => {
  const announced = source.headers.get("content-length")
  if (Number(announced ?? 0) > most) throw new BodyTooLarge({ limit: most })
  if (source.body === null) return new Uint8Array()
  return announced === null ? collect(source.body, most) : source.bytes()
}

/** The body of a request, held to `HttpIncomingMessage.MaxBodySize` however it is read. */
export class RequestBody {
  private whole: Promise<Uint8Array> | undefined

  constructor(private readonly source: Request) {}

  private readonly admitted = Effect.filterOrFail(
    limit,
    (most) => Number(this.source.headers.get("content-length") ?? 0) <= most,
    (most) => new BodyTooLarge({ limit: most }),
  )

  /** The whole body; asked again, the same. */
  readonly bytes = Effect.flatMap(limit, (most) =>
    Effect.tryPromise({
      try: () => {
        this.whole ??= readAtMost(this.source, most)
        return this.whole
      },
      catch: (cause) => (cause instanceof BodyTooLarge ? cause : new UnreadableBody({ cause })),
    }),
  )

  /** The body as it arrives, once. */
  readonly stream = Stream.unwrap(
    Effect.map(this.admitted, (most) => {
      const { body } = this.source
      if (body === null) return Stream.empty
      let size = 0
      return Stream.fromReadableStream({
        evaluate: () => body,
        onError: (cause) => new UnreadableBody({ cause }),
      }).pipe(
        Stream.mapEffect((piece) => {
          size += piece.byteLength
          return size > most ? new BodyTooLarge({ limit: most }) : Effect.succeed(piece)
        }),
      )
    }),
  )
}
