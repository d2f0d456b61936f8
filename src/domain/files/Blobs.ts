import { SqlClient } from "@effect/sql"
import { DateTime, Duration, Effect, Schedule, type Stream } from "effect"
import { IdGenerator } from "../shared/Ids"
import { withTransaction } from "../shared/Transaction"
import { BlobStore } from "./BlobStore"
import { BlobsRepo } from "./Blobs/Repo"

/** How long a blob may exist without its row, after its server stopped, before it is deleted. */
const reservationTtl = Duration.minutes(5)

/** How often the reservation is extended while the blob is written. */
const extensionInterval = Duration.minutes(1)

/** Keeps stored blobs and their rows in the database together, whatever fails between the two. */
export class Blobs extends Effect.Service<Blobs>()("Blobs", {
  dependencies: [BlobsRepo.Default],
  scoped: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* BlobsRepo
    const blobs = yield* BlobStore
    const ids = yield* IdGenerator

    /** Returns whether the blob was deleted; if not, garbage collection retries it. */
    const deleteBlob = (id: string) =>
      blobs.remove(id).pipe(
        Effect.as(true),
        Effect.catchAllCause((cause) =>
          Effect.as(Effect.logWarning("blob deletion failed; retrying later", cause), false),
        ),
        Effect.annotateLogs({ blob: id }),
      )

    const deleteAll = Effect.fnUntraced(function* (ids: ReadonlyArray<string>) {
      const deleted = yield* Effect.filter(ids, deleteBlob, { concurrency: 8 })
      if (deleted.length > 0) yield* repo.removeTombstones(deleted)
    })

    /** Deletes all expired blobs. One that cannot be deleted does not block the others. */
    const collectGarbage = Effect.gen(function* () {
      const now = yield* DateTime.nowAsDate
      let expired = yield* repo.listExpired(now, null)
      while (expired.length > 0) {
        yield* deleteAll(expired)
        expired = yield* repo.listExpired(now, expired.at(-1) ?? null)
      }
    })
    const logAndIgnore = Effect.catchAllCause((cause) =>
      Effect.logWarning("blob garbage collection failed; retrying later", cause),
    )
    yield* Effect.forkScoped(
      Effect.repeat(logAndIgnore(collectGarbage), Schedule.spaced(Duration.seconds(10))),
    )

    /**
     * Stores a blob under a new id and returns what `insertRow` returns, which runs in a transaction. The
     * blob is written first, so that a row never lacks its bytes, and reserved before that, so that a blob
     * whose row is never inserted expires and is collected.
     */
    const store = <A, E, E2>(
      content: Stream.Stream<Uint8Array, E>,
      insertRow: (id: string, size: number) => Effect.Effect<A, E2>,
    ) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const id = yield* ids.generate
          const expiry = Effect.map(DateTime.now, (now) =>
            DateTime.toDate(DateTime.addDuration(now, reservationTtl)),
          )
          yield* Effect.flatMap(expiry, (date) => repo.reserve(id, date))
          const extend = logAndIgnore(Effect.flatMap(expiry, (date) => repo.extendReservation(id, date)))
          // Interruptible also where the caller is not: it ends with the write.
          const keepExtending = Effect.interruptible(Effect.forever(Effect.delay(extend, extensionInterval)))
          return yield* restore(Effect.raceFirst(blobs.put(id, content), keepExtending)).pipe(
            Effect.flatMap((size) => transaction(Effect.zipRight(repo.claim(id), insertRow(id, size)))),
            // Deletes the blob at once if its row was not inserted; if it was, the reservation no longer exists.
            Effect.onError(() => logAndIgnore(Effect.flatMap(repo.abandonReservation(id), deleteAll))),
          )
        }),
      )

    return {
      store,
      open: blobs.open,
      /** Deletes blobs whose rows were deleted. Those that cannot be deleted now are retried later. */
      delete: (ids: ReadonlyArray<string>) => logAndIgnore(deleteAll(ids)),
    }
  }),
}) {}
