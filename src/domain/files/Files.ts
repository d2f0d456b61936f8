import { SqlClient } from "@effect/sql"
import { Clock, DateTime, Duration, Effect, type Option, Schedule } from "effect"
import type { Actor } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import { withTransaction } from "../shared/Transaction"
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

/** How soon bytes whose row never came are deleted: long after any writing of them is over. */
const announced = Duration.hours(1)

/** What people attach and what models draw. */
export class Files extends Effect.Service<Files>()("Files", {
  dependencies: [FilesRepo.Default],
  scoped: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* FilesRepo
    const blobs = yield* BlobStore
    const mediaTypes = yield* MediaTypes
    const ids = yield* IdGenerator
    const largest = yield* LargestFile

    const orNotFound = <A>(found: Option.Option<A>) => Effect.mapError(found, () => new FileNotFound())

    /** Whether the bytes are gone; if not, they are tried again later. */
    const clear = (id: FileId) =>
      blobs.remove(id).pipe(
        Effect.as(true),
        Effect.catchAllCause((cause) =>
          Effect.as(Effect.logWarning("A deleted file could not be cleared away yet", cause), false),
        ),
      )

    const clearAll = Effect.fnUntraced(function* (ids: ReadonlyArray<FileId>) {
      const cleared = yield* Effect.filter(ids, clear, { concurrency: 8 })
      if (cleared.length > 0) yield* repo.forgetDeleted(cleared)
    })

    /** Clears away whatever is due. One that cannot be stands in no other's way. */
    const sweep = Effect.gen(function* () {
      const now = yield* DateTime.nowAsDate
      let due = yield* repo.due(now, null)
      while (due.length > 0) {
        yield* clearAll(due)
        due = yield* repo.due(now, due.at(-1) ?? null)
      }
    })
    const trying = Effect.catchAllCause((cause) =>
      Effect.logWarning("Deleted files could not be cleared away yet", cause),
    )
    yield* Effect.forkScoped(Effect.repeat(trying(sweep), Schedule.spaced(Duration.seconds(10))))

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

    /**
     * Keeps a file, and with its row what is written `beside` it: both or neither. The bytes come
     * first, so that there is never a row without them; they are announced before, so that none
     * stay without a row.
     */
    const store = Effect.fn("Files.store")(function* (
      actor: Actor,
      given: NewFile,
      beside: (file: StoredFile) => Effect.Effect<void> = () => Effect.void,
    ) {
      const { bytes, mediaType } = yield* examine(given)
      const now = yield* Clock.currentTimeMillis
      const file: StoredFile = {
        id: FileId.make(yield* ids.generate),
        ownerId: actor.userId,
        name: nameFor(given.name, mediaType),
        mediaType,
        size: bytes.byteLength,
        createdAt: new Date(now),
      }
      yield* repo.announce(file.id, new Date(now + Duration.toMillis(announced)))
      yield* blobs.put(file.id, bytes).pipe(
        Effect.zipRight(transaction(Effect.zipRight(repo.insert(file), beside(file)))),
        // Whatever was not kept goes at once; if it was kept after all, it is not announced any more.
        Effect.onError(() => trying(Effect.flatMap(repo.forsake(file.id), clearAll))),
      )
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

    /** Takes files away, their bytes too; those that are not the actor's stay. How many went. */
    const remove = Effect.fn("Files.remove")(function* (actor: Actor, files: ReadonlyArray<FileId>) {
      if (files.length === 0) return 0
      const removed = yield* repo.remove(actor, files)
      yield* trying(clearAll(removed))
      return removed.length
    })

    return { examine, examineDataUri, store, storeDataUri, get, read, remove, bind: repo.bind }
  }),
}) {}
