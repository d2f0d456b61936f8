import { SqlClient } from "@effect/sql"
import { Effect, Option } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import { type OffsetLimit, toPageResult } from "../../shared/Page"
import { containsInsensitive } from "../../shared/Search"
import type { Assistant, AssistantId, GalleryEntry, GalleryFilter, GallerySort } from "./Model"
import { isShown } from "./Policy"
import { assistantColumns } from "./Repo"

/** Columns to order by, with an index for each: the highest first, ties by id. */
const orders: Record<GallerySort, { readonly column: string; readonly field: string }> = {
  uses_count: { column: "uses_count", field: "usesCount" },
  saves_count: { column: "saves_count", field: "savesCount" },
  created_at: { column: "created_at", field: "createdAt" },
}

/** What is shown to everyone, and what everyone keeps of it. */
export class GalleryRepo extends Effect.Service<GalleryRepo>()("GalleryRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** An assistant `a` as this actor sees it in the gallery. */
    const entry = (actor: Actor) => sql`
      ${sql.literal(assistantColumns)},
      (select u.name from users u where u.id = a.owner_id) as "ownerName",
      exists (select from assistant_saves s where s.assistant_id = a.id and s.user_id = ${actor.userId}) as "isSaved"`

    const first = <A>(rows: ReadonlyArray<A>) => Option.fromNullable(rows[0])

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
        ...(model === undefined ? [] : [sql`a.model_id = ${model}`]),
      ])
      const { column, field } = orders[sort]
      return sql<GalleryEntry & { readonly total: number }>`
        select (select count(*)::int from assistants a where ${matching}) as total, page.*
        from (select) always left join (
          select ${entry(actor)} from assistants a where ${matching}
          order by a.${sql.literal(column)} desc, a.id desc limit ${window.limit} offset ${window.offset}
        ) page on true
        order by page.${sql(field)} desc, page.id desc`.pipe(Effect.map(toPageResult), Effect.orDie)
    }

    const templates = (actor: Actor, window: OffsetLimit) =>
      sql<GalleryEntry & { readonly total: number }>`
        select (select count(*)::int from assistants a where a.visibility = 'template') as total, page.*
        from (select) always left join (
          select ${entry(actor)} from assistants a where a.visibility = 'template'
          order by a.created_at desc, a.id desc limit ${window.limit} offset ${window.offset}
        ) page on true
        order by page."createdAt" desc, page.id desc`.pipe(Effect.map(toPageResult), Effect.orDie)

    const find = (actor: Actor, id: AssistantId) =>
      sql<GalleryEntry>`
        select ${entry(actor)} from assistants a where a.id = ${uuidOrNull(id)} and ${isShown(sql)}`.pipe(
        Effect.map(first),
        Effect.orDie,
      )

    /** Keeps it in the actor's collection, once. False when nothing is shown there. */
    const save = (actor: Actor, id: AssistantId, now: Date) =>
      sql`
        with entry as (
          select a.id from assistants a where a.id = ${uuidOrNull(id)} and ${isShown(sql)} for key share
        ), saved as (
          insert into assistant_saves (user_id, assistant_id, created_at)
          select ${actor.userId}::uuid, id, ${now}::timestamptz from entry
          on conflict do nothing
        )
        select id from entry`.pipe(
        Effect.map((rows) => rows.length === 1),
        Effect.orDie,
      )

    /** Takes it out again. False when it neither was there nor is shown to the actor. */
    const unsave = (actor: Actor, id: AssistantId) =>
      sql`
        with unsaved as (
          delete from assistant_saves s
          where s.assistant_id = ${uuidOrNull(id)} and s.user_id = ${actor.userId} returning s.assistant_id
        )
        select assistant_id from unsaved
        union
        select a.id from assistants a where a.id = ${uuidOrNull(id)} and ${isShown(sql)}`.pipe(
        Effect.map((rows) => rows.length === 1),
        Effect.orDie,
      )

    /** What the actor keeps, the last kept first; what is shown no more is left out. */
    const saved = (actor: Actor, window: OffsetLimit) => {
      const kept = sql`
        assistant_saves kept join assistants a on a.id = kept.assistant_id
        where kept.user_id = ${actor.userId} and (${isShown(sql)} or a.owner_id = ${actor.userId})`
      return sql<GalleryEntry & { readonly total: number; readonly keptAt: Date }>`
        select (select count(*)::int from ${kept}) as total, page.*
        from (select) always left join (
          select ${entry(actor)}, kept.created_at as "keptAt" from ${kept}
          order by kept.created_at desc, kept.assistant_id desc limit ${window.limit} offset ${window.offset}
        ) page on true
        order by page."keptAt" desc, page.id desc`.pipe(Effect.map(toPageResult), Effect.orDie)
    }

    /** Counts that it was copied, and gives it as it is. */
    const countUse = (id: AssistantId) =>
      sql<Assistant>`
        update assistants a set uses_count = uses_count + 1
        where a.id = ${uuidOrNull(id)} and ${isShown(sql)}
        returning ${sql.literal(assistantColumns)}`.pipe(Effect.map(first), Effect.orDie)

    return { page, templates, find, save, unsave, saved, countUse }
  }),
}) {}
