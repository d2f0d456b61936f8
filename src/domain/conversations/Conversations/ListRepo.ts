import { SqlClient } from "@effect/sql"
import type { Fragment } from "@effect/sql/Statement"
import { Effect } from "effect"
import type { Actor } from "../../shared/Actor"
import { type OffsetLimit, toPageResult } from "../../shared/Page"
import { containsInsensitive, localeCollated } from "../../shared/Search"
import type { Conversation, ConversationFilter, ConversationSort } from "./Model"
import { ownedBy } from "./Policy"
import { conversationColumns } from "./Repo"

/** Orders that an index has ready, pinned conversations first. */
const orders: Record<ConversationSort, ReadonlyArray<string>> = {
  last_message_at: ["c.is_pinned desc", "c.active_at desc", "c.id desc"],
  created_at: ["c.is_pinned desc", "c.created_at desc", "c.id desc"],
  message_count: ["c.is_pinned desc", "c.message_count desc", "c.id desc"],
  title: ["c.is_pinned desc", `${localeCollated("c.title")} asc`, "c.id asc"],
}
const backwards = (order: ReadonlyArray<string>) =>
  order.map((key) => (key.endsWith(" asc") ? key.replace(" asc", " desc") : key.replace(" desc", " asc")))

/** Finding conversations. */
export class ListRepo extends Effect.Service<ListRepo>()("ConversationListRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const columns = sql.literal(conversationColumns)

    /** Those that are looked for have to be counted; all others, and a folder's, are counted already. */
    const count = (
      actor: Actor,
      { archived, folderId, search }: ConversationFilter,
      conditions: Fragment,
    ) => {
      const counted = sql.literal(archived ? "archived" : "active")
      if (search !== undefined)
        return sql`select count(*)::int as total from conversations c where ${conditions}`
      return folderId === undefined
        ? sql`select coalesce((select ${counted} from conversation_counts where user_id = ${actor.userId}), 0) as total`
        : sql`select coalesce((select ${counted} from folder_counts
            where user_id = ${actor.userId} and folder_id = ${folderId}), 0) as total`
    }

    /** From the nearer end, in its index alone. */
    const page = (actor: Actor, filter: ConversationFilter, { limit, offset }: OffsetLimit) => {
      const { archived, folderId, search, sort } = filter
      const conditions = sql.and([
        ownedBy(sql, actor),
        sql`c.is_archived = ${archived}`,
        ...(folderId === undefined ? [] : [sql`c.folder_id = ${folderId}`]),
        ...(search === undefined ? [] : [containsInsensitive(sql, "c.title", search)]),
      ])
      const order = (keys: ReadonlyArray<string>) => sql.literal(keys.join(", "))
      const before = sql`${offset}::bigint`
      const after = sql`total - ${offset}::bigint - ${limit}`
      return sql<Conversation & { readonly total: number }>`
        with counted as materialized (${count(actor, filter, conditions)}), shown as materialized (
          select id from ((select c.id from conversations c
            where ${conditions} and (select ${before} <= ${after} from counted)
            order by ${order(orders[sort])} limit ${limit} offset ${before})
          union all
          (select c.id from conversations c
            where ${conditions} and (select ${before} > ${after} from counted)
            order by ${order(backwards(orders[sort]))}
            limit (select greatest(least(${limit}, ${limit} + ${after}), 0) from counted)
            offset (select greatest(${after}, 0) from counted))) either limit ${limit}
        )
        select total, ${columns} from counted left join (
          shown join conversations c on c.id = shown.id
        ) on true order by ${order(orders[sort])}`.pipe(Effect.map(toPageResult), Effect.orDie)
    }

    /** The latest first, put away or not. */
    const searchTitles = (actor: Actor, typed: string, { limit, offset }: OffsetLimit) => {
      const matching = sql`${ownedBy(sql, actor)} and ${containsInsensitive(sql, "c.title", typed)}`
      const latest = sql`order by c.active_at desc, c.id desc`
      return sql<Conversation & { readonly total: number }>`
        select (select count(*)::int from conversations c where ${matching}) as total, ${columns}
        from (select) always left join (
          (select c.id from conversations c where ${matching} ${latest} limit ${limit} offset ${offset}) shown
          join conversations c on c.id = shown.id
        ) on true ${latest}`.pipe(Effect.map(toPageResult), Effect.orDie)
    }

    return { page, searchTitles }
  }),
}) {}
