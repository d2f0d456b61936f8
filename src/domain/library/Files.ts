import { Clock, Duration, Effect, type Option, Schedule } from "effect"
import type { Actor } from "../kernel/Actor"
import { Ids } from "../kernel/Ids"
import { BlobStore } from "./BlobStore"
import { FileNotFound, FileRefused } from "./Files/Errors"
import { FileId, LargestFile, type StoredFile } from "./Files/Model"
import { FilesRepo } from "./Files/Repo"
import { fromDataUri, mediaTypeOf, nameFor } from "./Files/Rules"
import { MediaTypes } from "./MediaTypes"

interface NewFile {
  readonly bytes: Uint8Array
  readonly name?: string | undefined
  /** What was said of it; what it holds counts for more. */
  readonly mediaType?: string | undefined
}

/** What people attach and what models draw. */
export class Files extends Effect.Service<Files>()("Files", {
  dependencies: [FilesRepo.Default],
  scoped: Effect.gen(function* () {
    const repo = yield* FilesRepo
    const blobs = yield* BlobStore
    const mediaTypes = yield* MediaTypes
    const ids = yield* Ids
    const largest = yield* LargestFile

    const orNotFound = <A>(found: Option.Option<A>) => Effect.mapError(found, () => new FileNotFound())

    /** Deletes the bytes of what was deleted; what fails is tried again later. */
    const sweep: Effect.Effect<void> = Effect.gen(function* () {
      const deleted = yield* repo.deleted
      yield* Effect.forEach(deleted, blobs.remove, { concurrency: 8, discard: true })
      if (deleted.length > 0) yield* repo.forgetDeleted(deleted)
    }).pipe(
      Effect.catchAllCause((cause) =>
        Effect.logWarning("Deleted files could not be cleared away yet", cause),
      ),
    )
    yield* Effect.forkScoped(Effect.repeat(sweep, Schedule.spaced(Duration.minutes(1))))

    /** What a file really is, if it is one that is taken. */
    const examine = Effect.fn("Files.examine")(function* ({ bytes, mediaType: declared }: NewFile) {
      if (bytes.byteLength === 0) return yield* new FileRefused({ message: "The file is empty." })
      if (bytes.byteLength > largest) {
        return yield* new FileRefused({ message: `The file is larger than the ${largest} bytes allowed.` })
      }
      const mediaType = mediaTypeOf(yield* mediaTypes.detect(bytes), declared, bytes)
      if (mediaType !== undefined) return { bytes, mediaType }
      return yield* new FileRefused({
        message: "Files of this kind are not taken: send PNG, JPEG, WebP or GIF images, PDF, or text.",
      })
    })

    /** Keeps a file: the bytes first, so that there is never a row without them. */
    const store = Effect.fn("Files.store")(function* (actor: Actor, given: NewFile) {
      const { bytes, mediaType } = yield* examine(given)
      const file: StoredFile = {
        id: FileId.make(yield* ids.next),
        ownerId: actor.userId,
        name: nameFor(given.name, mediaType),
        mediaType,
        size: bytes.byteLength,
        createdAt: new Date(yield* Clock.currentTimeMillis),
      }
      yield* blobs.put(file.id, bytes)
      yield* repo.insert(file).pipe(Effect.onError(() => blobs.remove(file.id)))
      return file
    }, Effect.uninterruptible)

    const inUri = (uri: string): Effect.Effect<NewFile, FileRefused> => {
      const decoded = fromDataUri(uri)
      return decoded === undefined
        ? new FileRefused({ message: "This is no data URI in base64: data:image/png;base64,…" })
        : Effect.succeed(decoded)
    }

    /** The same of a data URI in base64. */
    const examineDataUri = (uri: string) => Effect.flatMap(inUri(uri), examine)
    const storeDataUri = Effect.fn("Files.storeDataUri")((actor: Actor, uri: string, name?: string) =>
      Effect.flatMap(inUri(uri), (file) => store(actor, { ...file, name })),
    )

    const get = Effect.fn("Files.get")((actor: Actor, id: FileId) =>
      Effect.flatMap(repo.find(actor, id), orNotFound),
    )

    /** One of the actor's files, with what it holds. */
    const read = Effect.fn("Files.read")(function* (actor: Actor, id: FileId) {
      const file = yield* get(actor, id)
      return { file, bytes: yield* Effect.flatMap(blobs.get(file.id), orNotFound) }
    })

    /** Takes files away, their bytes too; those that are not the actor's stay. */
    const remove = Effect.fn("Files.remove")(function* (actor: Actor, files: ReadonlyArray<FileId>) {
      if (files.length === 0) return
      yield* repo.remove(actor, files)
      yield* sweep
    })

    return { examine, examineDataUri, store, storeDataUri, get, read, remove, bind: repo.bind }
  }),
}) {}
