import { SqlClient } from "@effect/sql"
import { Effect, identity } from "effect"
import { Uuid } from "../../shared/Ids"
import { execute, findColumn, hasRow } from "../../shared/Rows"

const findIds = findColumn("id", Uuid)

export class BlobsRepo extends Effect.Service<BlobsRepo>()("BlobsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** Schedules a blob that is about to be written for deletion, unless it is claimed before `expiresAt`. */
    const reserve = (id: string, expiresAt: Date) =>
      sql`insert into blobs_to_delete (id, due_at) values (${id}, ${expiresAt})`.pipe(execute)

    /** Extends the reservation of a blob that is still being written. */
    const extendReservation = (id: string, expiresAt: Date) =>
      sql`update blobs_to_delete set due_at = ${expiresAt} where id = ${id}`.pipe(execute)

    /** Expires the reservation of a blob now. Returns its id, or nothing if it was claimed. */
    const abandonReservation = (id: string) =>
      sql`
        update blobs_to_delete set due_at = '-infinity' where id = ${id} returning id`.pipe(findIds)

    /** Removes a blob's reservation. Dies if it expired, since the blob may be deleted already. */
    const claim = (id: string) =>
      sql`delete from blobs_to_delete where id = ${id} returning id`.pipe(
        hasRow,
        Effect.filterOrDieMessage(identity, "blob reservation expired before its row was inserted"),
        Effect.asVoid,
      )

    /** Lists up to 100 blobs to delete now, ordered by id, starting after the id `after`. */
    const listExpired = (now: Date, after: string | null) =>
      sql`
        select id from blobs_to_delete
        where due_at <= ${now} and (${after}::uuid is null or id > ${after}::uuid) order by id limit 100`.pipe(
        findIds,
      )

    /** Removes the entries of blobs that were deleted. */
    const removeTombstones = (ids: ReadonlyArray<string>) =>
      sql`delete from blobs_to_delete where id = any(${ids}::uuid[])`.pipe(execute)

    return { reserve, extendReservation, abandonReservation, claim, listExpired, removeTombstones }
  }),
}) {}
