import { SqlClient } from "@effect/sql"
import { Effect, Option } from "effect"
import type { Actor } from "../../kernel/Actor"
import { uuidOrNull } from "../../kernel/Ids"
import type { FileId, StoredFile } from "./Model"

export class FilesRepo extends Effect.Service<FilesRepo>()("FilesRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const insert = (file: StoredFile) =>
      sql`
        insert into files (id, owner_id, name, media_type, size, created_at)
        values (${file.id}, ${file.ownerId}, ${file.name}, ${file.mediaType}, ${file.size}, ${file.createdAt})`.pipe(
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

    const remove = (actor: Actor, ids: ReadonlyArray<FileId>) =>
      sql`delete from files where id = any(${ids}::uuid[]) and owner_id = ${actor.userId}`.pipe(
        Effect.orDie,
        Effect.asVoid,
      )

    /** From now on they go when the conversation goes. */
    const bind = (actor: Actor, ids: ReadonlyArray<FileId>, conversationId: string) =>
      sql`
        update files set conversation_id = ${conversationId}
        where id = any(${ids}::uuid[]) and owner_id = ${actor.userId}`.pipe(Effect.orDie, Effect.asVoid)

    /** Blobs whose rows are gone. */
    const deleted = sql<{ id: FileId }>`select id from blobs_to_delete limit 100`.pipe(
      Effect.map((rows) => rows.map(({ id }) => id)),
      Effect.orDie,
    )

    const forgetDeleted = (ids: ReadonlyArray<FileId>) =>
      sql`delete from blobs_to_delete where id = any(${ids}::uuid[])`.pipe(Effect.orDie, Effect.asVoid)

    return { insert, find, remove, bind, deleted, forgetDeleted }
  }),
}) {}
