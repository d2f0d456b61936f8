import { SqlClient } from "@effect/sql"
import type { Fragment } from "@effect/sql/Statement"
import { Effect } from "effect"
import type { Actor } from "../../shared/Actor"
import { type OffsetLimit, toPageResult } from "../../shared/Page"
import { containsInsensitive, localeCollated } from "../../shared/Search"
import type { Conversation, ConversationFilter, ConversationSort } from "./Model"
import { ownedBy } from "./Policy"
import { conversationColumns } from "./Repo"

/** The sort orders, pinned conversations first. Each has an index. */
const orders: Record<ConversationSort, ReadonlyArray<string>> = {
  last_message_at: ["c.is_pinned desc", "c.active_at desc", "c.id desc"],
  created_at: ["c.is_pinned desc", "c.created_at desc", "c.id desc"],
  message_count: ["c.is_pinned desc", "c.message_count desc", "c.id desc"],
  title: ["c.is_pinned desc", `${localeCollated("c.title")} asc`, "c.id asc"],
}
const reversed = (order: ReadonlyArray<string>) =>
  order.map((key) => (key.endsWith(" asc") ? key.replace(" asc", " desc") : key.replace(" desc", " asc")))

/** Lists conversations and searches their titles. */
export class ListRepo extends Effect.Service<ListRepo>()("ConversationListRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const columns = sql.literal(conversationColumns)

    /** Counts the conversations. Only a search has to scan: other counts are maintained on write, per folder too. */
    const count = (
      actor: Actor,
      { archived, folderId, search }: ConversationFilter,
      conditions: Fragment,
    ) => {
      const column = sql.literal(archived ? "archived" : "active")
      if (search !== undefined)
        return sql`select count(*)::int as total from conversations c where ${conditions}`
      return folderId === undefined
        ? sql`select coalesce((select ${column} from conversation_counts where user_id = ${actor.userId}), 0) as total`
        : sql`select coalesce((select ${column} from folder_counts
            where user_id = ${actor.userId} and folder_id = ${folderId}), 0) as total`
    }

    /** Lists a range with an index scan from whichever end of the list is closer. */
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
        with list_count as materialized (${count(actor, filter, conditions)}), page_ids as materialized (
          select id from ((select c.id from conversations c
            where ${conditions} and (select ${before} <= ${after} from list_count)
            order by ${order(orders[sort])} limit ${limit} offset ${before})
          union all
          (select c.id from conversations c
            where ${conditions} and (select ${before} > ${after} from list_count)
            order by ${order(reversed(orders[sort]))}
            limit (select greatest(least(${limit}, ${limit} + ${after}), 0) from list_count)
            offset (select greatest(${after}, 0) from list_count))) u limit ${limit}
        )
        select total, ${columns} from list_count left join (
          page_ids join conversations c on c.id = page_ids.id
        ) on true order by ${order(orders[sort])}`.pipe(Effect.map(toPageResult), Effect.orDie)
    }

    /** Searches the titles of active and archived conversations, most recently active first. */
    const searchTitles = (actor: Actor, term: string, { limit, offset }: OffsetLimit) => {
      const matching = sql`${ownedBy(sql, actor)} and ${containsInsensitive(sql, "c.title", term)}`
      const latest = sql`order by c.active_at desc, c.id desc`
      return sql<Conversation & { readonly total: number }>`
        select (select count(*)::int from conversations c where ${matching}) as total, ${columns}
        from (select) one_row left join (
          (select c.id from conversations c where ${matching} ${latest} limit ${limit} offset ${offset}) page_ids
          join conversations c on c.id = page_ids.id
        ) on true ${latest}`.pipe(Effect.map(toPageResult), Effect.orDie)
    }

    return { page, searchTitles }
  }),
}) {}
