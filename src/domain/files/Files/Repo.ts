import { SqlClient } from "@effect/sql"
import { Effect, Option } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { FileId, StoredFile } from "./Model"

const idsOf = (rows: ReadonlyArray<{ readonly id: FileId }>) => rows.map(({ id }) => id)

export class FilesRepo extends Effect.Service<FilesRepo>()("FilesRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** Bytes that are about to be written are due to be deleted, unless their row comes before that. */
    const announce = (id: FileId, dueAt: Date) =>
      sql`insert into blobs_to_delete (id, due_at) values (${id}, ${dueAt})`.pipe(Effect.orDie, Effect.asVoid)

    /** Those of these bytes that have no row are due now. */
    const forsake = (id: FileId) =>
      sql<{ id: FileId }>`
        update blobs_to_delete set due_at = '-infinity' where id = ${id} returning id`.pipe(
        Effect.map(idsOf),
        Effect.orDie,
      )

    /** The row of bytes that were announced; no row if they were deleted since. */
    const insert = (file: StoredFile) =>
      sql`
        with announced as (delete from blobs_to_delete where id = ${file.id} returning id)
        insert into files (id, owner_id, name, media_type, size, created_at)
        select id, ${file.ownerId}, ${file.name}, ${file.mediaType}, ${file.size}::bigint, ${file.createdAt}
        from announced returning id`.pipe(
        Effect.filterOrDieMessage(
          (rows) => rows.length === 1,
          "A file was kept too late: its bytes are gone",
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

    /** Those that were there, and are gone now. */
    const remove = (actor: Actor, ids: ReadonlyArray<FileId>) =>
      sql<{ id: FileId }>`
        delete from files where id = any(${ids}::uuid[]) and owner_id = ${actor.userId} returning id`.pipe(
        Effect.map(idsOf),
        Effect.orDie,
      )

    /** From now on they go when the conversation goes. */
    const bind = (actor: Actor, ids: ReadonlyArray<FileId>, conversationId: string) =>
      sql`
        update files set conversation_id = ${conversationId}
        where id = any(${ids}::uuid[]) and owner_id = ${actor.userId}`.pipe(Effect.orDie, Effect.asVoid)

    /** Bytes to delete now: the first hundred by id, after this one. */
    const due = (now: Date, after: FileId | null) =>
      sql<{ id: FileId }>`
        select id from blobs_to_delete
        where due_at <= ${now} and (${after}::uuid is null or id > ${after}::uuid) order by id limit 100`.pipe(
        Effect.map(idsOf),
        Effect.orDie,
      )

    const forgetDeleted = (ids: ReadonlyArray<FileId>) =>
      sql`delete from blobs_to_delete where id = any(${ids}::uuid[])`.pipe(Effect.orDie, Effect.asVoid)

    return { announce, forsake, insert, find, remove, bind, due, forgetDeleted }
  }),
}) {}
