import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit } from "../../shared/Page"
import { execute, findOne, findPage, hasRow } from "../../shared/Rows"
import type { DocumentId } from "../Documents/Model"
import { Collection, type CollectionChange, type CollectionId } from "./Model"

export class CollectionsRepo extends Effect.Service<CollectionsRepo>()("CollectionsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(
      `c.id, c.user_id as "userId", c.name, c.icon, c.created_at as "createdAt", c.updated_at as "updatedAt",
       (select count(*)::int from collection_documents cd where cd.collection_id = c.id) as "documentCount"`,
    )

    /** Lists the actor's collections by name. */
    const list = (actor: Actor, { limit, offset }: OffsetLimit) => {
      const own = sql`collections c where c.user_id = ${actor.userId}`
      const order = sql.literal(`name collate "und-x-icu"`)
      return sql`
        select (select count(*)::int from ${own}) as total, page.*
        from (select) one_row left join (
          select ${columns} from ${own} order by ${order}, c.id limit ${limit} offset ${offset}
        ) page on true
        order by ${order}, page.id`.pipe(findPage(Collection))
    }

    const find = (actor: Actor, id: CollectionId) =>
      sql`
        select ${columns} from collections c
        where c.id = ${uuidOrNull(id)} and c.user_id = ${actor.userId}`.pipe(findOne(Collection))

    const insert = (collection: Collection) =>
      sql`
        insert into collections (id, user_id, name, icon, created_at, updated_at)
        values (${collection.id}, ${collection.userId}, ${collection.name}, ${collection.icon},
                ${collection.createdAt}, ${collection.updatedAt})`.pipe(execute)

    const update = (actor: Actor, id: CollectionId, { name, icon }: CollectionChange, now: Date) =>
      sql`
        update collections c set
          name = coalesce(${name ?? null}, name), updated_at = ${now},
          icon = case when ${icon !== undefined} then ${icon ?? null} else icon end
        where c.id = ${uuidOrNull(id)} and c.user_id = ${actor.userId} returning ${columns}`.pipe(
        findOne(Collection),
      )

    const remove = (actor: Actor, id: CollectionId) =>
      sql`delete from collections where id = ${uuidOrNull(id)} and user_id = ${actor.userId} returning id`.pipe(
        hasRow,
      )

    /**
     * Adds a document if both are the actor's, and keeps them from being deleted until the statement ends.
     * Returns which of the two exist.
     */
    const add = (actor: Actor, collection: CollectionId, document: DocumentId, now: Date) =>
      sql`
        with collection as (
          select id from collections
          where id = ${uuidOrNull(collection)} and user_id = ${actor.userId} for key share
        ), document as (
          select id from documents where id = ${uuidOrNull(document)} and user_id = ${actor.userId} for key share
        ), added as (
          insert into collection_documents (collection_id, document_id, created_at)
          select collection.id, document.id, ${now}::timestamptz from collection, document
          on conflict do nothing
        )
        select exists (select from collection) as "hasCollection", exists (select from document) as "hasDocument"`.pipe(
        findOne(Schema.Struct({ hasCollection: Schema.Boolean, hasDocument: Schema.Boolean })),
        Effect.flatten,
        Effect.orDie,
      )

    /** Removes a document. Returns whether it was in the collection. */
    const removeDocument = (collection: CollectionId, document: DocumentId) =>
      sql`
        delete from collection_documents
        where collection_id = ${collection} and document_id = ${uuidOrNull(document)} returning document_id`.pipe(
        hasRow,
      )

    return { list, find, insert, update, remove, add, removeDocument }
  }),
}) {}
