import { type Headers, Multipart } from "@effect/platform"
import { Effect, Inspectable, Option, type Scope, Stream } from "effect"
import { MultipartParser, type MultipartToken } from "./MultipartParser"

type Content = Stream.Stream<Uint8Array, Multipart.MultipartError>

const malformed = (cause: unknown) => new Multipart.MultipartError({ reason: "Parse", cause })

class Field extends Inspectable.Class implements Multipart.Field {
  readonly [Multipart.TypeId]: Multipart.TypeId = Multipart.TypeId
  readonly _tag = "Field"

  constructor(
    readonly key: string,
    readonly contentType: string,
    readonly value: string,
  ) {
    super()
  }

  toJSON(): unknown {
    return { _id: "MultipartField", key: this.key, contentType: this.contentType }
  }
}

class File extends Inspectable.Class implements Multipart.File {
  readonly [Multipart.TypeId]: Multipart.TypeId = Multipart.TypeId
  readonly _tag = "File"

  constructor(
    readonly key: string,
    readonly name: string,
    readonly contentType: string,
    readonly content: Content,
  ) {
    super()
  }

  get contentEffect() {
    const copies = Stream.map(this.content, (bytes) => Buffer.from(bytes))
    return Effect.map(Stream.runCollect(copies), (chunks): Uint8Array => Buffer.concat([...chunks]))
  }

  toJSON(): unknown {
    return { _id: "MultipartFile", key: this.key, name: this.name, contentType: this.contentType }
  }
}

/** Reads the text of a field, up to `maxSize` bytes. */
const readField = (content: Content, maxSize: number) => {
  const tooLarge = new Multipart.MultipartError({ reason: "FieldTooLarge", cause: maxSize })
  return content.pipe(
    Stream.runFoldEffect(Buffer.alloc(0), (text, bytes) =>
      text.byteLength + bytes.byteLength > maxSize ? tooLarge : Effect.succeed(Buffer.concat([text, bytes])),
    ),
    Effect.map((text) => text.toString("utf8")),
  )
}

/** Returns the boundary in a `Content-Type: multipart/form-data` header. */
const boundaryOf = (contentType: string | undefined) =>
  /;\s*boundary=(?:"([^"]{1,70})"|([^;\s"]{1,70}))/i
    .exec(contentType ?? "")
    ?.slice(1)
    .find(Boolean)

/** Reads the next chunk of a body, which is valid until the one after it is read. Fails with None at the end. */
type ReadBody = Effect.Effect<Uint8Array, Option.Option<Multipart.MultipartError>>

/**
 * Parses the parts of a multipart body as it arrives, with the limits of `Multipart`. The content of a file
 * must be read before the next part is requested, or is skipped; nothing is buffered, and a chunk of it is
 * valid until the next. A body that ends before its closing delimiter fails.
 *
 * Replaces `Multipart.makeChannel`, which never ends on a body without its closing delimiter, and loses
 * parts whose file name has a character outside of Latin-1.
 */
export const parseMultipart = (
  headers: Headers.Headers,
  body: Effect.Effect<ReadBody, Multipart.MultipartError, Scope.Scope>,
): Stream.Stream<Multipart.Part, Multipart.MultipartError> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const boundary = boundaryOf(headers["content-type"])
      if (boundary === undefined) return yield* malformed("no boundary")
      const maxParts = Option.getOrElse(yield* Multipart.MaxParts, () => Number.POSITIVE_INFINITY)
      const maxFieldSize = Number(yield* Multipart.MaxFieldSize)
      const read = yield* body
      const parser = new MultipartParser(boundary)
      let partCount = 0

      const push = Effect.mapError(
        Effect.map(read, (chunk) => parser.push(chunk)),
        Option.getOrElse(() => malformed("incomplete body")),
      )
      const next: Effect.Effect<MultipartToken, Multipart.MultipartError> = Effect.flatMap(
        Effect.try({ try: () => parser.next(), catch: malformed }),
        (token) => (token === undefined ? Effect.zipRight(push, next) : Effect.succeed(token)),
      )
      const content: Content = Stream.repeatEffectOption(
        Effect.flatMap(Effect.mapError(next, Option.some), (token) =>
          token._tag === "Content" ? Effect.succeed(token.bytes) : Effect.fail(Option.none()),
        ),
      )
      const nextPart = Effect.gen(function* () {
        if (parser.isInsidePart) yield* Stream.runDrain(content)
        const token = yield* next
        if (token._tag !== "Part") return Option.none()
        if (++partCount > maxParts)
          return yield* new Multipart.MultipartError({ reason: "TooManyParts", cause: maxParts })
        const { name, fileName, contentType } = token.headers
        const part: Multipart.Part =
          fileName === undefined
            ? new Field(name, contentType ?? "text/plain", yield* readField(content, maxFieldSize))
            : new File(name, fileName, contentType ?? "application/octet-stream", content)
        return Option.some([part, undefined] as const)
      })
      return Stream.unfoldEffect(undefined, () => nextPart)
    }),
  )
