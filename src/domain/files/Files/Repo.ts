import { SqlClient } from "@effect/sql"
import { Effect, identity } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import { execute, findColumn, findOne, hasRow } from "../../shared/Rows"
import { FileId, StoredFile } from "./Model"

const findIds = findColumn("id", FileId)

export class FilesRepo extends Effect.Service<FilesRepo>()("FilesRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** Schedules a blob that is about to be written for deletion, unless its row is inserted before `expiresAt`. */
    const reserveBlob = (id: FileId, expiresAt: Date) =>
      sql`insert into blobs_to_delete (id, due_at) values (${id}, ${expiresAt})`.pipe(execute)

    /** Extends the reservation of a blob that is still being written. */
    const extendReservation = (id: FileId, expiresAt: Date) =>
      sql`update blobs_to_delete set due_at = ${expiresAt} where id = ${id}`.pipe(execute)

    /** Expires the reservation of a blob now. Returns its id, or nothing if its row was inserted. */
    const abandonReservation = (id: FileId) =>
      sql`
        update blobs_to_delete set due_at = '-infinity' where id = ${id} returning id`.pipe(findIds)

    /** Inserts a file's row and removes its blob's reservation. Dies if the reservation expired and the blob is deleted. */
    const insert = (file: StoredFile) =>
      sql`
        with reservation as (delete from blobs_to_delete where id = ${file.id} returning id)
        insert into files (id, owner_id, name, media_type, size, created_at)
        select id, ${file.ownerId}, ${file.name}, ${file.mediaType}, ${file.size}::bigint, ${file.createdAt}
        from reservation returning id`.pipe(
        hasRow,
        Effect.filterOrDieMessage(identity, "blob reservation expired before its file was inserted"),
        Effect.asVoid,
      )

    /** The condition under which a user may read a file. Nothing else decides it. */
    const readableBy = ({ userId }: Actor) => sql`
      (owner_id = ${userId} or exists (
        select from project_files p join memberships m on m.scope_id = p.project_id
        where p.file_id = files.id and m.user_id = ${userId}))`

    const find = (actor: Actor, id: FileId) =>
      sql`
        select id, owner_id as "ownerId", name, media_type as "mediaType", size, created_at as "createdAt"
        from files where id = ${uuidOrNull(id)} and ${readableBy(actor)}`.pipe(findOne(StoredFile))

    /** Deletes those of the files that are the actor's, and returns their ids. */
    const remove = (actor: Actor, ids: ReadonlyArray<FileId>) =>
      sql`
        delete from files where id = any(${ids.flatMap((id) => uuidOrNull(id) ?? [])}::uuid[])
          and owner_id = ${actor.userId} returning id`.pipe(findIds)

    /** Attaches files to a conversation, so that they are deleted together with it. */
    const attachToConversation = (actor: Actor, ids: ReadonlyArray<FileId>, conversationId: string) =>
      sql`
        update files set conversation_id = ${conversationId}
        where id = any(${ids}::uuid[]) and owner_id = ${actor.userId}`.pipe(execute)

    /** Lists up to 100 blobs to delete now, ordered by id, starting after the id `after`. */
    const listExpired = (now: Date, after: FileId | null) =>
      sql`
        select id from blobs_to_delete
        where due_at <= ${now} and (${after}::uuid is null or id > ${after}::uuid) order by id limit 100`.pipe(
        findIds,
      )

    /** Removes the entries of blobs that were deleted. */
    const removeTombstones = (ids: ReadonlyArray<FileId>) =>
      sql`delete from blobs_to_delete where id = any(${ids}::uuid[])`.pipe(execute)

    return {
      reserveBlob,
      extendReservation,
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
