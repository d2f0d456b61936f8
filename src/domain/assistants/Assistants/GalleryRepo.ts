import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { Actor } from "../../shared/Actor"
import { CurrentSettings } from "../../shared/CurrentSettings"
import { uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit } from "../../shared/Page"
import { findOne, findPage, hasRow } from "../../shared/Rows"
import { containsInsensitive } from "../../shared/TextComparison"
import { Assistant, type AssistantId, GalleryEntry, type GalleryFilter, type GallerySort } from "./Model"
import { isPublished } from "./Policy"
import { assistantColumns } from "./Repo"

/** The columns to sort by, descending with ties by id. Only `uses_count` has an index; the others are sorted in memory. */
const orders: Record<GallerySort, { readonly column: string; readonly field: string }> = {
  uses_count: { column: "uses_count", field: "usesCount" },
  saves_count: { column: "saves_count", field: "savesCount" },
  created_at: { column: "created_at", field: "createdAt" },
}

/** Reads published assistants and templates, and the collections of saved ones. */
export class GalleryRepo extends Effect.Service<GalleryRepo>()("GalleryRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const settings = yield* CurrentSettings
    const columns = () => assistantColumns(sql, settings.get().defaultModel)

    /** Selects the columns of a gallery entry for assistant `a`, as seen by the actor. */
    const entry = (actor: Actor) => sql`
      ${columns()},
      coalesce((select u.name from users u where u.id = a.owner_id), 'Parley') as "ownerName",
      exists (select from assistant_saves s where s.assistant_id = a.id and s.user_id = ${actor.userId}) as "isSaved"`

    const page = (actor: Actor, { search, tags, model, sort }: GalleryFilter, window: OffsetLimit) => {
      const matching = sql.and([
        sql`a.visibility = 'public'`,
        ...(search === ""
          ? []
          : [
              sql.or([
                containsInsensitive(sql, "a.name", search),
                containsInsensitive(sql, "a.description", search),
              ]),
            ]),
        ...(tags.length === 0 ? [] : [sql`a.tags @> ${tags}::text[]`]),
        ...(model === undefined
          ? []
          : [sql`coalesce(a.model_id, ${settings.get().defaultModel}) = ${model}`]),
      ])
      const { column, field } = orders[sort]
      return sql`
        select (select count(*)::int from assistants a where ${matching}) as total, page.*
        from (select) one_row left join (
          select ${entry(actor)} from assistants a where ${matching}
          order by a.${sql.literal(column)} desc, a.id desc limit ${window.limit} offset ${window.offset}
        ) page on true
        order by page.${sql(field)} desc, page.id desc`.pipe(findPage(GalleryEntry))
    }

    const templates = (actor: Actor, window: OffsetLimit) =>
      sql`
        select (select count(*)::int from assistants a where a.visibility = 'template') as total, page.*
        from (select) one_row left join (
          select ${entry(actor)} from assistants a where a.visibility = 'template'
          order by a.created_at desc, a.id desc limit ${window.limit} offset ${window.offset}
        ) page on true
        order by page."createdAt" desc, page.id desc`.pipe(findPage(GalleryEntry))

    const find = (actor: Actor, id: AssistantId) =>
      sql`
        select ${entry(actor)} from assistants a where a.id = ${uuidOrNull(id)} and ${isPublished(sql)}`.pipe(
        findOne(GalleryEntry),
      )

    /** Saves an entry to the actor's collection. Returns false if it does not exist or is private. Idempotent. */
    const save = (actor: Actor, id: AssistantId, now: Date) =>
      sql`
        with entry as (
          select a.id from assistants a where a.id = ${uuidOrNull(id)} and ${isPublished(sql)} for key share
        ), saved as (
          insert into assistant_saves (user_id, assistant_id, created_at)
          select ${actor.userId}::uuid, id, ${now}::timestamptz from entry
          on conflict do nothing
        )
        select id from entry`.pipe(hasRow)

    /** Removes an entry from the actor's collection. Returns false if it was neither saved nor is published. */
    const unsave = (actor: Actor, id: AssistantId) =>
      sql`
        with unsaved as (
          delete from assistant_saves s
          where s.assistant_id = ${uuidOrNull(id)} and s.user_id = ${actor.userId} returning s.assistant_id
        )
        select assistant_id from unsaved
        union
        select a.id from assistants a where a.id = ${uuidOrNull(id)} and ${isPublished(sql)}`.pipe(hasRow)

    /** Lists the actor's collection, last saved first, without entries that are no longer visible to the actor. */
    const listSaved = (actor: Actor, window: OffsetLimit) => {
      const saves = sql`
        assistant_saves s join assistants a on a.id = s.assistant_id
        where s.user_id = ${actor.userId} and (${isPublished(sql)} or a.owner_id = ${actor.userId})`
      return sql`
        select (select count(*)::int from ${saves}) as total, page.*
        from (select) one_row left join (
          select ${entry(actor)}, s.created_at as "savedAt" from ${saves}
          order by s.created_at desc, s.assistant_id desc limit ${window.limit} offset ${window.offset}
        ) page on true
        order by page."savedAt" desc, page.id desc`.pipe(findPage(GalleryEntry))
    }

    /** Increments the usage count of a published assistant and returns it. */
    const countUse = (id: AssistantId) =>
      sql`
        update assistants a set uses_count = uses_count + 1
        where a.id = ${uuidOrNull(id)} and ${isPublished(sql)}
        returning ${columns()}`.pipe(findOne(Assistant))

    return { page, templates, find, save, unsave, listSaved, countUse }
  }),
}) {}
