import { FileSystem, HttpApiSchema, HttpIncomingMessage, type Multipart } from "@effect/platform"
import { Chunk, Effect, Option, Predicate, Schema, Stream } from "effect"
import { FileTooLarge } from "../domain/files/Files/Errors"
import { example } from "./Example"
import { Fields } from "./Fields"
import { bodyTimedOut, type HttpError, invalid, malformedForm } from "./HttpError"

/** The payload of an operation that receives one file, in the field `file` of a form. */
export const FileForm = HttpApiSchema.MultipartStream(
  Fields({
    file: Schema.Unknown.annotations({
      jsonSchema: {
        type: "string",
        format: "binary",
        description: "The file. Its part has a file name; other fields of the form are ignored.",
      },
      ...example("Milk\nBread\n"),
    }),
  }).annotations({ identifier: "FileForm" }),
  { maxParts: Option.some(100), maxFieldSize: 64 * 1024 },
)

/** Bytes of a form around its file: delimiters, headers, other fields. */
const MAX_OTHER_BYTES = 1024 * 1024

/** A file that is being received. */
interface ReceivedFile {
  readonly name: string
  /** As declared by the client. */
  readonly mediaType: string
  /** Ends when the whole form was received, and dies with an HttpError if the rest of it is invalid. */
  readonly content: Stream.Stream<Uint8Array, FileTooLarge>
}

const invalidFile = (message: string) => invalid([{ field: "file", message }])

/** Returns a part if it is the file; undefined for what is ignored. */
const fileOf = (part: Multipart.Part): Effect.Effect<Multipart.File | undefined, HttpError> => {
  if (part._tag === "Field")
    return part.key === "file" ? invalidFile("must be a file") : Effect.succeed(undefined)
  // What browsers send for a field in which no file was selected.
  if (part.name === "") return Effect.succeed(undefined)
  return part.key === "file" ? Effect.succeed(part) : invalidFile("must be the field of the only file")
}

/**
 * Receives the file of a form of at most `maxSize` bytes, while `use` consumes its content. Dies with an
 * HttpError if the form is malformed or does not consist of exactly one file.
 */
export const receiveFile = <A, E, R>(
  form: Stream.Stream<Multipart.Part, Multipart.MultipartError>,
  maxSize: number,
  use: (file: ReceivedFile) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E | FileTooLarge, R> => {
  const toError = ({ reason, cause }: Multipart.MultipartError) => {
    if (reason === "BodyTooLarge") return new FileTooLarge({ limit: maxSize })
    return Effect.die(Predicate.isTagged(cause, "BodyTimedOut") ? bodyTimedOut : malformedForm)
  }
  const parts = Stream.provideService(
    form,
    HttpIncomingMessage.MaxBodySize,
    Option.some(FileSystem.Size(maxSize + MAX_OTHER_BYTES)),
  )
  return Effect.scoped(
    Effect.gen(function* () {
      const pull = yield* Stream.toPull(parts)
      /** Reads parts until the next file, or to the end. */
      const nextFile: Effect.Effect<Option.Option<Multipart.File>, FileTooLarge> = Effect.matchEffect(pull, {
        onFailure: Option.match({ onNone: () => Effect.succeedNone, onSome: toError }),
        onSuccess: (chunk) =>
          Effect.flatMap(Effect.orDie(fileOf(Chunk.unsafeHead(chunk))), (file) =>
            file === undefined ? nextFile : Effect.succeedSome(file),
          ),
      })
      const file = yield* Effect.flatMap(nextFile, (first) =>
        Effect.orDie(Effect.mapError(first, () => invalidFile("is required"))),
      )
      const end = Effect.flatMap(nextFile, (second) =>
        Option.isNone(second) ? Effect.void : Effect.die(invalidFile("must occur only once")),
      )
      return yield* use({
        name: file.name,
        mediaType: file.contentType,
        content: Stream.concat(Stream.catchAll(file.content, toError), Stream.execute(end)),
      })
    }),
  )
}
