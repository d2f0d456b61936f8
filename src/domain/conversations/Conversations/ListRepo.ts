import { SqlClient } from "@effect/sql"
import type { Fragment } from "@effect/sql/Statement"
import { Effect } from "effect"
import type { ScopeId } from "../../identity/Memberships/Model"
import type { Actor, UserId } from "../../shared/Actor"
import type { OffsetLimit } from "../../shared/Page"
import { findPage } from "../../shared/Rows"
import { containsNormalized, localeCollated } from "../../shared/TextComparison"
import { Conversation, type ConversationFilter, type ConversationSort } from "./Model"
import { notInArena, ownedBy } from "./Policy"
import { conversationColumns } from "./Repo"

/** The sort orders, pinned conversations first. Only the first has an index; the others are sorted in memory. */
const orders: Record<ConversationSort, string> = {
  last_message_at: "c.is_pinned desc, c.active_at desc, c.id desc",
  created_at: "c.is_pinned desc, c.created_at desc, c.id desc",
  message_count: "c.is_pinned desc, c.message_count desc, c.id desc",
  title: `c.is_pinned desc, ${localeCollated("c.title")}, c.id`,
}
const latestFirst = "c.active_at desc, c.id desc"

/** Lists conversations and searches their titles. */
export class ListRepo extends Effect.Service<ListRepo>()("ConversationListRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** Reads a range of the conversations that meet all conditions, and counts those. Titles are compared once. */
    const select = (
      conditions: ReadonlyArray<Fragment>,
      search: string | undefined,
      sortOrder: string,
      { limit, offset }: OffsetLimit,
    ) => {
      const matching =
        search === undefined ? conditions : [...conditions, containsNormalized(sql, "c.search_title", search)]
      const order = sql.literal(sortOrder)
      return sql`
        with matching as ${sql.literal(search === undefined ? "not materialized" : "materialized")} (
          select c.id, c.is_pinned, c.active_at, c.created_at, c.favorited_at, c.message_count, c.title
          from conversations c where ${sql.and(matching)}
        ), page as materialized (
          select c.id from matching c order by ${order} limit ${limit} offset ${offset}
        )
        select (select count(*)::int from matching) as total, ${sql.literal(conversationColumns)}
        from (select) one_row left join (conversations c join page on page.id = c.id) on true
        order by ${order}`.pipe(findPage(Conversation))
    }

    const page = (
      actor: Actor,
      { archived, folderId, search, sort }: ConversationFilter,
      range: OffsetLimit,
    ) => {
      const conditions = [
        ownedBy(sql, actor),
        sql`c.is_archived = ${archived}`,
        ...(folderId === undefined ? [] : [sql`c.folder_id = ${folderId}`]),
      ]
      return select(conditions, search, orders[sort], range)
    }

    /** Searches the titles of active and archived conversations, most recently active first. */
    const searchTitles = (actor: Actor, term: string, range: OffsetLimit) =>
      select([ownedBy(sql, actor)], term, latestFirst, range)

    /** Lists active conversations that were not removed from the history, most recently active first. */
    const listRecent = (actor: Actor, range: OffsetLimit) =>
      select(
        [ownedBy(sql, actor), sql`c.hidden_at is null and not c.is_archived`],
        undefined,
        latestFirst,
        range,
      )

    /** Lists conversations with messages that were not removed from the history, most recently active first. */
    const listHistory = (actor: Actor, range: OffsetLimit) =>
      select(
        [ownedBy(sql, actor), sql`c.hidden_at is null and c.message_count > 0`],
        undefined,
        latestFirst,
        range,
      )

    /** Lists the conversations in a project, most recently active first. */
    const listInProject = (project: ScopeId, range: OffsetLimit) =>
      select([notInArena(sql), sql`c.project_id = ${project}`], undefined, latestFirst, range)

    /** Lists the favorites, last added first. */
    const listFavorites = (actor: Actor, range: OffsetLimit) =>
      select(
        [ownedBy(sql, actor), sql`c.favorited_at is not null`],
        undefined,
        "c.favorited_at desc, c.id desc",
        range,
      )

    /** Lists active and archived conversations of a user, most recently active first. */
    const listByUser = (userId: UserId, range: OffsetLimit) =>
      select([sql`c.user_id = ${userId}`, notInArena(sql)], undefined, latestFirst, range)

    return { listInProject, page, searchTitles, listRecent, listHistory, listFavorites, listByUser }
  }),
}) {}
