import { SqlClient } from "@effect/sql"
import type { Fragment } from "@effect/sql/Statement"
import { Effect } from "effect"
import type { Actor } from "../../shared/Actor"
import { containsInsensitive } from "../../shared/Search"
import type { Message } from "./Model"
import { notInArena } from "./Policy"

/** Among so many of the latest messages, what is said often is looked for first. */
const lately = 10_000

/** So many are read to find a text that is too short for the index to find it quickly if it is common. */
const read = 1000

/**
 * Finding what was said. What a search costs depends on how many of the actor's own messages may
 * match, at most, and not on how many there are, of the actor's or of all others'.
 */
export class SearchRepo extends Effect.Service<SearchRepo>()("ConversationSearchRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(
      `m.id, m.conversation_id as "conversationId", m.role, m.content, m.created_at as "createdAt"`,
    )
    const latest = (limit: number) => sql`order by m.created_at desc, m.id desc limit ${limit}`
    const matches = (actor: Actor, typed: string) => sql`m.user_id = ${actor.userId} and m.is_searchable
      and ${containsInsensitive(sql, "m.content", typed)}
      and (select ${notInArena(sql)} from conversations c where c.id = m.conversation_id)`

    /** What the index finds, read and compared one after the other, the latest first, until there is enough. */
    const found = (actor: Actor, typed: string, limit: number, query: Fragment) => sql`
      select said.* from (
        select m.id, m.created_at from messages m
        where search_grams(m.user_id, m.created_at, m.content) @@ (${query}) and m.is_searchable
        order by m.created_at desc, m.id desc
      ) candidate cross join lateral (
        select ${columns} from messages m where m.id = candidate.id and ${matches(actor, typed)} offset 0
      ) said
      order by candidate.created_at desc, candidate.id desc limit ${limit}`

    /** The same on the days of the latest messages only; nothing if these are all. */
    const foundLately = (actor: Actor, typed: string, limit: number) =>
      found(
        actor,
        typed,
        limit,
        sql`
        select search_query(${actor.userId}, ${typed}) && search_days(${actor.userId}, array_agg(day))
        from (
          select (created_at at time zone 'UTC')::date - date '1970-01-01' as day, count(*) as messages
          from (select m.created_at from messages m where m.user_id = ${actor.userId} ${latest(lately)}) m group by day
        ) days
        having sum(messages) = ${lately}`,
      )

    const foundByReading = (actor: Actor, typed: string, limit: number) => sql`
      select ${columns} from (select m.* from messages m where m.user_id = ${actor.userId} ${latest(read)}) m
      where ${matches(actor, typed)} ${latest(limit)}`

    /** The latest first. What is being written is not looked at. */
    const messages = (actor: Actor, typed: string, limit: number) => {
      const isShort = [...typed].length < 3
      const recent = isShort ? foundByReading(actor, typed, limit) : foundLately(actor, typed, limit)
      const isAll = isShort
        ? sql`not exists (select from messages m where m.user_id = ${actor.userId} ${latest(1)} offset ${read})`
        : sql`false`
      return sql<Message>`
        with recent as materialized (${recent}),
        enough as materialized (select count(*) = ${limit} or ${isAll} as so from recent)
        select * from recent where (select so from enough)
        union all
        select * from (${found(actor, typed, limit, sql`select search_query(${actor.userId}, ${typed}) where not (select so from enough)`)}) ever`.pipe(
        Effect.orDie,
      )
    }

    return { messages }
  }),
}) {}
