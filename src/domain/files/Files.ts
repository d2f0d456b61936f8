import { SqlClient } from "@effect/sql"
import { Clock, DateTime, Duration, Effect, type Option, Schedule } from "effect"
import type { Actor } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import { withTransaction } from "../shared/Transaction"
import { BlobStore } from "./BlobStore"
import { FileNotFound, InvalidFile } from "./Files/Errors"
import { FileId, MaxFileSize, type StoredFile } from "./Files/Model"
import { FilesRepo } from "./Files/Repo"
import { parseDataUri, resolveMediaType, sanitizeFileName } from "./Files/Rules"
import { MediaTypes } from "./MediaTypes"

interface NewFile {
  readonly bytes: Uint8Array
  readonly name?: string | undefined
  /** As declared by the client; the type detected from the content takes precedence. */
  readonly mediaType?: string | undefined
}

/** How long a blob may exist without its row before it is deleted: far longer than any upload takes. */
const reservationTtl = Duration.hours(1)

/** Stores the files that users attach and the images that models generate. */
export class Files extends Effect.Service<Files>()("Files", {
  dependencies: [FilesRepo.Default],
  scoped: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* FilesRepo
    const blobs = yield* BlobStore
    const mediaTypes = yield* MediaTypes
    const ids = yield* IdGenerator
    const maxSize = yield* MaxFileSize

    const orNotFound = <A>(row: Option.Option<A>) => Effect.mapError(row, () => new FileNotFound())

    /** Returns whether the blob was deleted; if not, garbage collection retries it. */
    const deleteBlob = (id: FileId) =>
      blobs.remove(id).pipe(
        Effect.as(true),
        Effect.catchAllCause((cause) =>
          Effect.as(Effect.logWarning("blob deletion failed; retrying later", cause), false),
        ),
        Effect.annotateLogs({ file: id }),
      )

    const deleteBlobs = Effect.fnUntraced(function* (ids: ReadonlyArray<FileId>) {
      const deleted = yield* Effect.filter(ids, deleteBlob, { concurrency: 8 })
      if (deleted.length > 0) yield* repo.removeTombstones(deleted)
    })

    /** Deletes all expired blobs. One that cannot be deleted does not block the others. */
    const collectGarbage = Effect.gen(function* () {
      const now = yield* DateTime.nowAsDate
      let expired = yield* repo.listExpired(now, null)
      while (expired.length > 0) {
        yield* deleteBlobs(expired)
        expired = yield* repo.listExpired(now, expired.at(-1) ?? null)
      }
    })
    const logAndIgnore = Effect.catchAllCause((cause) =>
      Effect.logWarning("blob garbage collection failed; retrying later", cause),
    )
    yield* Effect.forkScoped(
      Effect.repeat(logAndIgnore(collectGarbage), Schedule.spaced(Duration.seconds(10))),
    )

    /** Resolves a file's media type from its content. Fails if it is empty, too large or of an unsupported type. */
    const validate = Effect.fn("Files.validate")(function* ({ bytes, mediaType: declared }: NewFile) {
      if (bytes.byteLength === 0) return yield* new InvalidFile({ message: "The file is empty." })
      if (bytes.byteLength > maxSize) {
        return yield* new InvalidFile({ message: `The file is larger than the ${maxSize} bytes allowed.` })
      }
      const mediaType = resolveMediaType(yield* mediaTypes.detect(bytes), declared, bytes)
      if (mediaType !== undefined) return { bytes, mediaType }
      return yield* new InvalidFile({
        message: "Unsupported file type: send PNG, JPEG, WebP or GIF images, PDF, or text.",
      })
    })

    /**
     * Stores a file. `afterInsert` runs in the transaction that inserts its row. The blob is written
     * first, so that a row never lacks its bytes, and reserved before that, so that a blob whose row
     * is never inserted expires and is collected.
     */
    const store = Effect.fn("Files.store")(function* (
      actor: Actor,
      input: NewFile,
      afterInsert: (file: StoredFile) => Effect.Effect<void> = () => Effect.void,
    ) {
      const { bytes, mediaType } = yield* validate(input)
      const now = yield* Clock.currentTimeMillis
      const file: StoredFile = {
        id: FileId.make(yield* ids.generate),
        ownerId: actor.userId,
        name: sanitizeFileName(input.name, mediaType),
        mediaType,
        size: bytes.byteLength,
        createdAt: new Date(now),
      }
      yield* repo.reserveBlob(file.id, new Date(now + Duration.toMillis(reservationTtl)))
      yield* blobs.put(file.id, bytes).pipe(
        Effect.zipRight(transaction(Effect.zipRight(repo.insert(file), afterInsert(file)))),
        // Deletes the blob at once if its row was not inserted; if it was, the reservation no longer exists.
        Effect.onError(() => logAndIgnore(Effect.flatMap(repo.abandonReservation(file.id), deleteBlobs))),
      )
      return file
    }, Effect.uninterruptible)

    const decodeDataUri = (uri: string): Effect.Effect<NewFile, InvalidFile> => {
      const decoded = parseDataUri(uri)
      return decoded === undefined
        ? new InvalidFile({ message: "Not a base64 data URI (data:image/png;base64,…)." })
        : Effect.succeed(decoded)
    }

    /** Validates the file in a base64 data URI like `validate`. */
    const validateDataUri = (uri: string) => Effect.flatMap(decodeDataUri(uri), validate)
    const storeDataUri = Effect.fn("Files.storeDataUri")((actor: Actor, uri: string, name?: string) =>
      Effect.flatMap(decodeDataUri(uri), (file) => store(actor, { ...file, name })),
    )

    const get = Effect.fn("Files.get")((actor: Actor, id: FileId) =>
      Effect.flatMap(repo.find(actor, id), orNotFound),
    )

    /** Returns one of the actor's files with its content. */
    const read = Effect.fn("Files.read")(function* (actor: Actor, id: FileId) {
      const file = yield* get(actor, id)
      return { file, bytes: yield* Effect.flatMap(blobs.get(file.id), orNotFound) }
    })

    /** Deletes those of the files that are the actor's, with their blobs, and returns how many there were. */
    const remove = Effect.fn("Files.remove")(function* (actor: Actor, files: ReadonlyArray<FileId>) {
      if (files.length === 0) return 0
      const removed = yield* repo.remove(actor, files)
      yield* logAndIgnore(deleteBlobs(removed))
      return removed.length
    })

    return {
      validate,
      validateDataUri,
      store,
      storeDataUri,
      get,
      read,
      remove,
      attachToConversation: repo.attachToConversation,
    }
  }),
}) {}
