import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import type { Actor } from "../../shared/Actor"
import { Uuid, uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit } from "../../shared/Page"
import { execute, findAll, findOne, findPage } from "../../shared/Rows"
import { FileId, StoredFile } from "./Model"

/** The keys of the blobs of a file that was deleted. */
const RemovedFile = Schema.Struct({ id: FileId, thumbnailId: Schema.NullOr(Uuid) })

export class FilesRepo extends Effect.Service<FilesRepo>()("FilesRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const insert = (file: StoredFile) =>
      sql`
        insert into files (id, owner_id, name, media_type, size, created_at)
        values (${file.id}, ${file.ownerId}, ${file.name}, ${file.mediaType}, ${file.size}::bigint, ${file.createdAt})
      `.pipe(execute)

    const columns = sql.literal(
      `id, owner_id as "ownerId", name, media_type as "mediaType", size, created_at as "createdAt"`,
    )

    /** Lists the actor's own files, newest first: ids sort by creation time. */
    const list = ({ userId }: Actor, { limit, offset }: OffsetLimit) => {
      const own = sql`files where owner_id = ${userId}`
      return sql`
        select (select count(*)::int from ${own}) as total, page.*
        from (select) one_row left join (
          select ${columns} from ${own} order by id desc limit ${limit} offset ${offset}
        ) page on true
        order by page.id desc`.pipe(findPage(StoredFile))
    }

    /**
     * The condition under which a user may read a file: it is theirs, in a project of theirs, or its owner has
     * attached it to a message of a chat that they may read because it is in a project of theirs.
     */
    const readableBy = ({ userId }: Actor) => sql`
      (owner_id = ${userId} or exists (
        select from project_files p join memberships m on m.scope_id = p.project_id
        where p.file_id = files.id and m.user_id = ${userId}
      ) or exists (
        select from memberships m join conversations c on c.project_id = m.scope_id
        join messages on messages.conversation_id = c.id
        where m.user_id = ${userId} and c.user_id = files.owner_id
          and messages.attachments @> jsonb_build_array(jsonb_build_object('fileId', files.id))))`

    /** Finds a file; for an actor only one that they may read. */
    const find = (id: FileId, actor?: Actor) =>
      sql`
        select ${columns} from files
        where id = ${uuidOrNull(id)} and ${actor === undefined ? sql`true` : readableBy(actor)}`.pipe(
        findOne(StoredFile),
      )

    /** Deletes those of the files that are the actor's. Returns their ids, with those of their thumbnails. */
    const remove = (actor: Actor, ids: ReadonlyArray<FileId>) =>
      sql`
        with removed as (
          delete from files where id = any(${ids.flatMap((id) => uuidOrNull(id) ?? [])}::uuid[])
            and owner_id = ${actor.userId} returning id
        )
        select removed.id, t.id as "thumbnailId" from removed left join thumbnails t on t.file_id = removed.id`.pipe(
        findAll(RemovedFile),
      )

    /** Attaches files to a conversation, so that they are deleted together with it. */
    const attachToConversation = (actor: Actor, ids: ReadonlyArray<FileId>, conversationId: string) =>
      sql`
        update files set conversation_id = ${conversationId}
        where id = any(${ids}::uuid[]) and owner_id = ${actor.userId}`.pipe(execute)

    return { insert, list, find, remove, attachToConversation }
  }),
}) {}
