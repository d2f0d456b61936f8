import { SqlClient } from "@effect/sql"
import { Effect, Option } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { FileId, StoredFile } from "./Model"

const idsOf = (rows: ReadonlyArray<{ readonly id: FileId }>) => rows.map(({ id }) => id)

export class FilesRepo extends Effect.Service<FilesRepo>()("FilesRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** Schedules a blob that is about to be written for deletion, unless its row is inserted before `expiresAt`. */
    const reserveBlob = (id: FileId, expiresAt: Date) =>
      sql`insert into blobs_to_delete (id, due_at) values (${id}, ${expiresAt})`.pipe(
        Effect.orDie,
        Effect.asVoid,
      )

    /** Expires the reservation of a blob now. Returns its id, or nothing if its row was inserted. */
    const abandonReservation = (id: FileId) =>
      sql<{ id: FileId }>`
        update blobs_to_delete set due_at = '-infinity' where id = ${id} returning id`.pipe(
        Effect.map(idsOf),
        Effect.orDie,
      )

    /** Inserts a file's row and removes its blob's reservation. Dies if the reservation expired and the blob is deleted. */
    const insert = (file: StoredFile) =>
      sql`
        with reservation as (delete from blobs_to_delete where id = ${file.id} returning id)
        insert into files (id, owner_id, name, media_type, size, created_at)
        select id, ${file.ownerId}, ${file.name}, ${file.mediaType}, ${file.size}::bigint, ${file.createdAt}
        from reservation returning id`.pipe(
        Effect.filterOrDieMessage(
          (rows) => rows.length === 1,
          "blob reservation expired before its file was inserted",
        ),
        Effect.orDie,
        Effect.asVoid,
      )

    const find = (actor: Actor, id: FileId) =>
      sql<StoredFile>`
        select id, owner_id as "ownerId", name, media_type as "mediaType", size, created_at as "createdAt"
        from files where id = ${uuidOrNull(id)} and owner_id = ${actor.userId}`.pipe(
        Effect.map((rows) => Option.fromNullable(rows[0])),
        Effect.orDie,
      )

    /** Deletes those of the files that are the actor's, and returns their ids. */
    const remove = (actor: Actor, ids: ReadonlyArray<FileId>) =>
      sql<{ id: FileId }>`
        delete from files where id = any(${ids}::uuid[]) and owner_id = ${actor.userId} returning id`.pipe(
        Effect.map(idsOf),
        Effect.orDie,
      )

    /** Attaches files to a conversation, so that they are deleted together with it. */
    const attachToConversation = (actor: Actor, ids: ReadonlyArray<FileId>, conversationId: string) =>
      sql`
        update files set conversation_id = ${conversationId}
        where id = any(${ids}::uuid[]) and owner_id = ${actor.userId}`.pipe(Effect.orDie, Effect.asVoid)

    /** Lists up to 100 blobs to delete now, ordered by id, starting after the id `after`. */
    const listExpired = (now: Date, after: FileId | null) =>
      sql<{ id: FileId }>`
        select id from blobs_to_delete
        where due_at <= ${now} and (${after}::uuid is null or id > ${after}::uuid) order by id limit 100`.pipe(
        Effect.map(idsOf),
        Effect.orDie,
      )

    /** Removes the entries of blobs that were deleted. */
    const removeTombstones = (ids: ReadonlyArray<FileId>) =>
      sql`delete from blobs_to_delete where id = any(${ids}::uuid[])`.pipe(Effect.orDie, Effect.asVoid)

    return {
      reserveBlob,
      abandonReservation,
      insert,
      find,
      remove,
      attachToConversation,
      listExpired,
      removeTombstones,
    }
  }),
}) {}
