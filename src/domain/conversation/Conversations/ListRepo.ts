import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { Actor } from "../../kernel/Actor"
import type { Slice, Window } from "../../kernel/Page"
import { contains } from "../../kernel/Search"
import type { Conversation, ConversationFilter, ConversationSort, Message } from "./Model"
import { notInArena, ownedBy } from "./Policy"
import { conversationColumns } from "./Repo"

/** Orders that an index has ready, pinned conversations first. */
const orders: Record<ConversationSort, string> = {
  last_message_at: "c.is_pinned desc, c.active_at desc, c.id desc",
  created_at: "c.is_pinned desc, c.created_at desc, c.id desc",
  message_count: "c.is_pinned desc, c.message_count desc, c.id desc",
  title: "c.is_pinned desc, c.title, c.id",
}

/** The most titles that a search gives. */
const mostFound = 100

/** Finding conversations, and what was said in them. */
export class ListRepo extends Effect.Service<ListRepo>()("ConversationListRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const columns = sql.literal(conversationColumns)

    /** All of them are counted already; only those that are looked for have to be. */
    const page = (actor: Actor, filter: ConversationFilter, window: Window) => {
      const { archived, folderId, search, sort } = filter
      const conditions = sql.and([
        ownedBy(sql, actor),
        sql`c.is_archived = ${archived}`,
        ...(folderId === undefined ? [] : [sql`c.folder_id = ${folderId}`]),
        ...(search === undefined ? [] : [contains(sql, "c.title", search)]),
      ])
      const total =
        folderId === undefined && search === undefined
          ? sql`select ${sql.literal(archived ? "archived" : "active")} from conversation_counts where user_id = ${actor.userId}`
          : sql`select count(*)::int from conversations c where ${conditions}`
      return sql<Conversation & { readonly total: number }>`
        select coalesce((${total}), 0) as total, c.* from (select) always left join (
          select ${columns} from conversations c where ${conditions}
          order by ${sql.literal(orders[sort])} limit ${window.limit} offset ${window.offset}
        ) c on true`.pipe(
        Effect.map(
          (rows): Slice<Conversation> => ({
            total: rows[0]?.total ?? 0,
            items: rows.flatMap(({ total: _, ...conversation }) =>
              conversation.id === null ? [] : [conversation],
            ),
          }),
        ),
        Effect.orDie,
      )
    }

    /** The latest first. */
    const searchTitles = (actor: Actor, typed: string) =>
      sql<Conversation>`
        select ${columns} from conversations c
        where ${ownedBy(sql, actor)} and ${contains(sql, "c.title", typed)}
        order by c.active_at desc, c.id desc limit ${mostFound}`.pipe(Effect.orDie)

    /** The latest first. What is being written is not looked at. */
    const searchMessages = (actor: Actor, typed: string, limit: number) =>
      sql<Message>`
        select m.id, m.conversation_id as "conversationId", m.role, m.content, m.created_at as "createdAt"
        from messages m
        where m.user_id = ${actor.userId} and m.is_written and ${contains(sql, "m.content", typed)}
          and (select ${notInArena(sql)} from conversations c where c.id = m.conversation_id)
        order by m.created_at desc, m.id desc limit ${limit}`.pipe(Effect.orDie)

    return { page, searchTitles, searchMessages }
  }),
}) {}
