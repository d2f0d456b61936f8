import { HttpIncomingMessage } from "@effect/platform"
import { Data, Effect, Option, Predicate, Stream } from "effect"

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

type Chunk = Uint8Array<ArrayBuffer>

/** The size from which a chunk read in bulk is complete, in bytes. */
const BULK_SIZE = 1024 * 1024

/** How long to wait for more, once something has arrived, in milliseconds. */
const BULK_TIMEOUT = 20

/**
 * Reads many chunks as one, and frees their memory at once: the garbage collection lets far more of it
 * accumulate, and of the objects that each chunk costs its consumers. Frees what it returned before, too.
 */
const bulkReader = (read: () => Promise<Chunk | undefined>) => {
  let bulk = new Uint8Array()
  /** A read that took too long to wait for. */
  let late: Promise<Chunk | undefined> | undefined
  return async () => {
    bulk.buffer.transfer(0)
    const chunks: Array<Chunk> = []
    let size = 0
    let chunk = await (late ?? read())
    late = undefined
    const timeout = Bun.sleep(BULK_TIMEOUT).then(() => "late" as const)
    while (chunk !== undefined) {
      chunks.push(chunk)
      size += chunk.byteLength
      if (size >= BULK_SIZE) break
      const next = read()
      const result = await Promise.race([next, timeout])
      if (result === "late") {
        late = next
        break
      }
      chunk = result
    }
    if (size === 0) return undefined
    bulk = new Uint8Array(size)
    let end = 0
    for (const chunk of chunks) {
      bulk.set(chunk, end)
      end += chunk.byteLength
      chunk.buffer.transfer(0)
    }
    return bulk
  }
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

  /**
   * Opens the body, which can be done once. The effect that it returns reads the next chunk as it arrives,
   * and fails with None at the end. In bulk, it waits for a megabyte, and a chunk is valid only until the
   * next is read.
   */
  readonly open = Effect.fnUntraced(function* (this: RequestBody, { inBulk }: { readonly inBulk: boolean }) {
    const maxBytes = yield* this.withinLimit
    const { body } = this.source
    if (body === null) return Effect.fail(Option.none())
    const reader = yield* Effect.acquireRelease(
      Effect.sync(() => body.getReader()),
      (reader) => Effect.promise(() => reader.cancel()),
    )
    let size = 0
    const read = async () => {
      const { value } = await reader.read()
      size += value?.byteLength ?? 0
      if (size > maxBytes) throw new BodyTooLarge({ limit: maxBytes })
      return value
    }
    const chunk = Effect.tryPromise({
      try: inBulk ? bulkReader(read) : read,
      catch: (cause) => Option.some(cause instanceof BodyTooLarge ? cause : new UnreadableBody({ cause })),
    })
    return Effect.filterOrFail(chunk, Predicate.isNotUndefined, Option.none)
  })

  /** Streams the body as it arrives. Can be run once. */
  readonly stream = Stream.unwrapScoped(Effect.map(this.open({ inBulk: false }), Stream.repeatEffectOption))
}
