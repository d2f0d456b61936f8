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

/** The cause inside the error that reading a body fails with when it does not arrive in time. */
class BodyTimedOut extends Data.TaggedError("BodyTimedOut") {
  override get message() {
    return "The body did not arrive in time"
  }
}

/** The time for a body, or for a part of a larger one, in milliseconds. */
export const defaultBodyTimeout = 30_000

/** How many bytes must arrive within that time. */
const PROGRESS_SIZE = 16 * 1024

/**
 * Makes the function that waits for each read of a body. It rejects with BodyTimedOut once the reads have
 * taken `timeout` milliseconds without progress: the time that the consumer takes does not count.
 */
const makeDeadline = (timeout: number) => {
  let remaining = timeout
  let received = 0
  return async <A extends Uint8Array | undefined>(read: Promise<A>): Promise<A> => {
    const startedAt = performance.now()
    const timedOut = Promise.withResolvers<never>()
    const timer = setTimeout(() => timedOut.reject(new BodyTimedOut()), remaining)
    try {
      const chunk = await Promise.race([read, timedOut.promise])
      received += chunk?.byteLength ?? 0
      remaining -= performance.now() - startedAt
      if (received >= PROGRESS_SIZE) {
        received = 0
        remaining = timeout
      }
      return chunk
    } finally {
      clearTimeout(timer)
    }
  }
}

/** A body that could not be read: interrupted by the client, or consumed before. */
class UnreadableBody extends Data.TaggedError("UnreadableBody")<{ readonly cause: unknown }> {}

const maxBodySize = Effect.map(HttpIncomingMessage.MaxBodySize, (size) =>
  Option.match(size, { onNone: () => Number.POSITIVE_INFINITY, onSome: Number }),
)

/** Reads a body chunk by chunk; stops and rejects with BodyTooLarge beyond `maxBytes`. */
const readChunked = async (
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  timeout: number,
): Promise<Uint8Array> => {
  const reader = body.getReader()
  const inTime = makeDeadline(timeout)
  const chunks: Array<Uint8Array> = []
  let size = 0
  try {
    for (;;) {
      const chunk = await inTime(reader.read().then(({ value }) => value))
      if (chunk === undefined) return Buffer.concat(chunks)
      size += chunk.byteLength
      if (size > maxBytes) throw new BodyTooLarge({ limit: maxBytes })
      chunks.push(chunk)
    }
  } catch (error) {
    await reader.cancel()
    throw error
  }
}

/**
 * Reads the whole body of a request. Rejects with BodyTooLarge if it is larger than `maxBytes`, with
 * BodyTimedOut if it does not arrive in time, and with another error if the client disconnects.
 */
export const readRequestBody = async (
  source: Request,
  maxBytes: number,
  timeout = defaultBodyTimeout,
): Promise<Uint8Array> => {
  const contentLength = Number(source.headers.get("content-length") ?? Number.NaN)
  if (contentLength > maxBytes) throw new BodyTooLarge({ limit: maxBytes })
  if (source.body === null) return new Uint8Array()
  return contentLength <= PROGRESS_SIZE
    ? makeDeadline(timeout)(source.bytes())
    : readChunked(source.body, maxBytes, timeout)
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

const isLimit = (cause: unknown) => cause instanceof BodyTooLarge || cause instanceof BodyTimedOut

/** The body of a request, limited in time and to `HttpIncomingMessage.MaxBodySize` whichever way it is read. */
export class RequestBody {
  private cachedBytes: Promise<Uint8Array> | undefined

  constructor(
    private readonly source: Request,
    private readonly timeout: number,
  ) {}

  private readonly withinLimit = Effect.filterOrFail(
    maxBodySize,
    (maxBytes) => Number(this.source.headers.get("content-length") ?? 0) <= maxBytes,
    (maxBytes) => new BodyTooLarge({ limit: maxBytes }),
  )

  /** Reads the whole body. The bytes are cached, so it can be run repeatedly. */
  readonly bytes = Effect.flatMap(maxBodySize, (maxBytes) =>
    Effect.tryPromise({
      try: () => {
        this.cachedBytes ??= readRequestBody(this.source, maxBytes, this.timeout)
        return this.cachedBytes
      },
      catch: (cause) => (isLimit(cause) ? cause : new UnreadableBody({ cause })),
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
    const inTime = makeDeadline(this.timeout)
    let size = 0
    const read = async () => {
      const value = await inTime(reader.read().then(({ value }) => value))
      size += value?.byteLength ?? 0
      if (size > maxBytes) throw new BodyTooLarge({ limit: maxBytes })
      return value
    }
    const chunk = Effect.tryPromise({
      try: inBulk ? bulkReader(read) : read,
      catch: (cause) => Option.some(isLimit(cause) ? cause : new UnreadableBody({ cause })),
    })
    return Effect.filterOrFail(chunk, Predicate.isNotUndefined, Option.none)
  })

  /** Streams the body as it arrives. Can be run once. */
  readonly stream = Stream.unwrapScoped(Effect.map(this.open({ inBulk: false }), Stream.repeatEffectOption))
}
