import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit } from "../../shared/Page"
import { execute, findOne, findPage, hasRow } from "../../shared/Rows"
import type { CollectionId } from "../Collections/Model"
import { Document, type DocumentChange, type DocumentId, DocumentSummary } from "./Model"

export class DocumentsRepo extends Effect.Service<DocumentsRepo>()("DocumentsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const summary = sql.literal(
      `d.id, d.user_id as "userId", d.title, d.type, d.tags, d.created_at as "createdAt", d.updated_at as "updatedAt"`,
    )

    /** Lists the actor's documents, of one collection if given, last updated first. */
    const list = (actor: Actor, collection: CollectionId | undefined, { limit, offset }: OffsetLimit) => {
      const matching = sql`documents d where d.user_id = ${actor.userId} ${
        collection === undefined
          ? sql``
          : sql`and d.id in (select document_id from collection_documents where collection_id = ${collection})`
      }`
      return sql`
        select (select count(*)::int from ${matching}) as total, page.*
        from (select) one_row left join (
          select ${summary} from ${matching} order by d.updated_at desc, d.id desc limit ${limit} offset ${offset}
        ) page on true
        order by page."updatedAt" desc, page.id desc`.pipe(findPage(DocumentSummary))
    }

    const find = (actor: Actor, id: DocumentId) =>
      sql`
        select ${summary}, d.content from documents d
        where d.id = ${uuidOrNull(id)} and d.user_id = ${actor.userId}`.pipe(findOne(Document))

    const insert = (document: Document) =>
      sql`
        insert into documents (id, user_id, title, content, type, tags, created_at, updated_at)
        values (${document.id}, ${document.userId}, ${document.title}, ${document.content}, ${document.type},
                ${document.tags}, ${document.createdAt}, ${document.updatedAt})`.pipe(execute)

    const update = (actor: Actor, id: DocumentId, change: DocumentChange, now: Date) =>
      sql`
        update documents d set
          title = coalesce(${change.title ?? null}, title), content = coalesce(${change.content ?? null}, content),
          type = coalesce(${change.type ?? null}, type), tags = coalesce(${change.tags ?? null}::text[], tags),
          updated_at = ${now}
        where d.id = ${uuidOrNull(id)} and d.user_id = ${actor.userId} returning ${summary}, d.content`.pipe(
        findOne(Document),
      )

    const remove = (actor: Actor, id: DocumentId) =>
      sql`delete from documents where id = ${uuidOrNull(id)} and user_id = ${actor.userId} returning id`.pipe(
        hasRow,
      )

    return { list, find, insert, update, remove }
  }),
}) {}
