import { SqlClient } from "@effect/sql"
import { Effect, Option } from "effect"
import type { Actor } from "../../kernel/Actor"
import { uuidOrNull } from "../../kernel/Ids"
import type { Window } from "../../kernel/Page"
import { contains } from "../../kernel/Search"
import type { Assistant, AssistantId, GalleryFilter, GallerySort } from "./Model"
import { assistantColumns, toSlice } from "./Repo"

/** Orders that an index has ready. */
const orders: Record<GallerySort, string> = {
  uses_count: "a.uses_count desc, a.id desc",
  saves_count: "a.saves_count desc, a.id desc",
  created_at: "a.created_at desc, a.id desc",
}

/** What everyone sees, and what everyone keeps of it. Counters change with what they count. */
export class GalleryRepo extends Effect.Service<GalleryRepo>()("GalleryRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const columns = sql.literal(assistantColumns)

    const page = ({ search, tags, model, sort }: GalleryFilter, window: Window) => {
      const conditions = sql.and([
        sql`a.visibility = 'public'`,
        ...(search === undefined || search === ""
          ? []
          : [contains(sql, "(a.name || ' ' || a.description)", search)]),
        ...(tags.length === 0 ? [] : [sql`a.tags @> ${tags}::text[]`]),
        ...(model === undefined ? [] : [sql`a.model_id = ${model}`]),
      ])
      return sql<Assistant & { readonly total: number }>`
        select (select count(*)::int from assistants a where ${conditions}) as total, page.*
        from (select) always left join (
          select ${columns} from assistants a where ${conditions}
          order by ${sql.literal(orders[sort])} limit ${window.limit} offset ${window.offset}
        ) page on true`.pipe(Effect.map(toSlice), Effect.orDie)
    }

    /** The part `entry`: what the gallery shows under an id, templates included; locked. */
    const shown = (id: AssistantId) => sql`
      entry as (
        select a.id from assistants a
        where a.id = ${uuidOrNull(id)} and a.visibility <> 'private' for update
      )`

    /** Keeps it in the actor's collection, where it counts once. False when nothing is shown there. */
    const save = (actor: Actor, id: AssistantId, now: Date) =>
      sql`
        with ${shown(id)},
        saved as (
          insert into assistant_saves (user_id, assistant_id, created_at)
          select ${actor.userId}::uuid, id, ${now}::timestamptz from entry
          on conflict do nothing returning assistant_id
        ), counted as (
          update assistants a set saves_count = saves_count + 1 from saved where a.id = saved.assistant_id
        )
        select id from entry`.pipe(
        Effect.map((rows) => rows.length === 1),
        Effect.orDie,
      )

    /** Takes it out again. False when there is no such assistant to be seen. */
    const unsave = (actor: Actor, id: AssistantId) =>
      sql`
        with entry as (
          select a.id from assistants a
          where a.id = ${uuidOrNull(id)} and (a.visibility <> 'private' or a.owner_id = ${actor.userId}
            or exists (select from assistant_saves s where s.assistant_id = a.id and s.user_id = ${actor.userId}))
          for update
        ), unsaved as (
          delete from assistant_saves s using entry
          where s.assistant_id = entry.id and s.user_id = ${actor.userId} returning s.assistant_id
        ), counted as (
          update assistants a set saves_count = saves_count - 1 from unsaved where a.id = unsaved.assistant_id
        )
        select id from entry`.pipe(
        Effect.map((rows) => rows.length === 1),
        Effect.orDie,
      )

    /** What the actor keeps, the last kept first; what is shown no more is left out. */
    const saved = (actor: Actor) =>
      sql<Assistant>`
        select ${columns}
        from assistant_saves s join assistants a on a.id = s.assistant_id
        where s.user_id = ${actor.userId} and (a.visibility <> 'private' or a.owner_id = ${actor.userId})
        order by s.created_at desc, s.assistant_id desc`.pipe(Effect.orDie)

    /** Counts that it was copied, and gives it as it is. */
    const countUse = (id: AssistantId) =>
      sql<Assistant>`
        update assistants a set uses_count = uses_count + 1
        where a.id = ${uuidOrNull(id)} and a.visibility <> 'private' returning ${columns}`.pipe(
        Effect.map((rows) => Option.fromNullable(rows[0])),
        Effect.orDie,
      )

    const find = (id: AssistantId) =>
      sql<Assistant>`
        select ${columns} from assistants a
        where a.id = ${uuidOrNull(id)} and a.visibility <> 'private'`.pipe(
        Effect.map((rows) => Option.fromNullable(rows[0])),
        Effect.orDie,
      )

    return { page, find, save, unsave, saved, countUse }
  }),
}) {}
