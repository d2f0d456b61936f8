import { SqlClient } from "@effect/sql"
import type { Fragment } from "@effect/sql/Statement"
import { Effect } from "effect"
import type { Actor } from "../../shared/Actor"
import { findAll } from "../../shared/Rows"
import { containsInsensitive } from "../../shared/TextComparison"
import { messageColumns } from "./MessagesRepo"
import { Message } from "./Model"
import { notInArena } from "./Policy"

/** How many of the latest messages are searched first, where common terms are likely to be found. */
const RECENT_MESSAGES = 10_000

/** How many of the latest messages are scanned for a term that is too short for the trigram index. */
const SHORT_QUERY_SCAN = 1000

/**
 * Searches message contents. The cost of a search is bounded by how many of the actor's own messages
 * may match, not by how many messages the actor or all users have.
 */
export class SearchRepo extends Effect.Service<SearchRepo>()("ConversationSearchRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(messageColumns)
    const latest = (limit: number) => sql`order by m.created_at desc, m.id desc limit ${limit}`
    const matches = (actor: Actor, term: string) => sql`m.user_id = ${actor.userId} and m.is_searchable
      and ${containsInsensitive(sql, "m.content", term)}
      and (select ${notInArena(sql)} from conversations c where c.id = m.conversation_id)`

    /** Rechecks the candidates that the index finds one by one, latest first, until the limit is reached. */
    const matchIndexed = (actor: Actor, term: string, limit: number, query: Fragment) => sql`
      select match.* from (
        select m.id, m.created_at from messages m
        where search_trigrams(m.user_id, m.created_at, m.content) @@ (${query}) and m.is_searchable
        order by m.created_at desc, m.id desc
      ) candidate cross join lateral (
        select ${columns} from messages m where m.id = candidate.id and ${matches(actor, term)} offset 0
      ) match
      order by candidate.created_at desc, candidate.id desc limit ${limit}`

    /** Searches the index on the days of the latest messages only; returns nothing if those are all messages. */
    const matchRecent = (actor: Actor, term: string, limit: number) =>
      matchIndexed(
        actor,
        term,
        limit,
        sql`
        select search_query(${actor.userId}, ${term}) && search_days(${actor.userId}, array_agg(day))
        from (
          select (created_at at time zone 'UTC')::date - date '1970-01-01' as day, count(*) as messages
          from (select m.created_at from messages m where m.user_id = ${actor.userId} ${latest(RECENT_MESSAGES)}) m group by day
        ) days
        having sum(messages) = ${RECENT_MESSAGES}`,
      )

    /** Scans the latest messages without the index. */
    const matchScan = (actor: Actor, term: string, limit: number) => sql`
      select ${columns} from (select m.* from messages m where m.user_id = ${actor.userId} ${latest(SHORT_QUERY_SCAN)}) m
      where ${matches(actor, term)} ${latest(limit)}`

    /** Finds messages, latest first. Answers still being generated are not searched. */
    const messages = (actor: Actor, term: string, limit: number) => {
      const isShort = [...term].length < 3
      const recent = isShort ? matchScan(actor, term, limit) : matchRecent(actor, term, limit)
      const scannedAll = isShort
        ? sql`not exists (select from messages m where m.user_id = ${actor.userId} ${latest(1)} offset ${SHORT_QUERY_SCAN})`
        : sql`false`
      return sql`
        with recent as materialized (${recent}),
        decision as materialized (select count(*) = ${limit} or ${scannedAll} as sufficient from recent)
        select * from recent where (select sufficient from decision)
        union all
        select * from (${matchIndexed(actor, term, limit, sql`select search_query(${actor.userId}, ${term}) where not (select sufficient from decision)`)}) full_scan`.pipe(
        findAll(Message),
      )
    }

    return { messages }
  }),
}) {}
