import { SqlClient } from "@effect/sql"
import type { Fragment } from "@effect/sql/Statement"
import { Effect, Option } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { Page } from "../../shared/Page"
import { containsInsensitive } from "../../shared/TextComparison"
import type { ConversationId, Message, MessageFilter } from "./Model"
import { readableBy } from "./Policy"

type PageRequest = { readonly page: number; readonly limit: number }
type Row = Message & { readonly total: number }

/** Selects message `m` as a `Message`. */
export const messageColumns = `m.id, m.conversation_id as "conversationId", m.role, m.content, m.created_at as "createdAt"`

/**
 * Reads pages of messages. Rows are not decoded: that would take 0.4 ms for a page of 1,000 messages; a
 * test compares them with the model.
 */
export class MessagesRepo extends Effect.Service<MessagesRepo>()("MessagesRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(messageColumns)

    /** Converts rows to a page. No row means no such conversation; a row without a message, a page past the end. */
    const toPage =
      (request: PageRequest) =>
      (rows: ReadonlyArray<Row>): Option.Option<Page<Message>> =>
        Option.map(Option.fromNullable(rows[0]), ({ total }) => ({
          ...request,
          total,
          items: rows.flatMap(({ total: _, ...message }) => (message.id === null ? [] : [message])),
        }))

    /** Reads a page by position range: positions are contiguous, so nothing has to be counted or skipped. */
    const page = (actor: Actor, id: ConversationId, request: PageRequest) => {
      const start = (request.page - 1) * request.limit
      return sql<Row>`
        select c.message_count as total, ${columns}
        from conversations c
        left join messages m on m.conversation_id = c.id
          and m.position >= ${start}::bigint and m.position < ${start + request.limit}::bigint
        where c.id = ${uuidOrNull(id)} and ${readableBy(sql, actor)}
        order by m.position`.pipe(Effect.map(toPage(request)), Effect.orDie)
    }

    const conditions = (filter: MessageFilter) => {
      const when = <A>(value: A | undefined, condition: (value: A) => Fragment) =>
        value === undefined ? [] : [condition(value)]
      return sql.and([
        sql`m.conversation_id = c.id`,
        ...when(filter.role, (role) => sql`m.role = ${role}`),
        ...when(filter.before, (before) => sql`m.created_at < ${before}`),
        ...when(filter.after, (after) => sql`m.created_at > ${after}`),
        ...when(filter.search, (text) => containsInsensitive(sql, "m.content", text)),
      ])
    }

    const filtered = (actor: Actor, id: ConversationId, filter: MessageFilter, request: PageRequest) =>
      sql<Row>`
        with matches as materialized (
          select m.id, m.position from conversations c join messages m on ${conditions(filter)}
          where c.id = ${uuidOrNull(id)} and ${readableBy(sql, actor)}
        ), page as (
          select id from matches order by position
          limit ${request.limit} offset ${(request.page - 1) * request.limit}::bigint
        )
        select (select count(*) from matches)::int as total, ${columns}
        from conversations c
        left join (messages m join page on page.id = m.id) on m.conversation_id = c.id
        where c.id = ${uuidOrNull(id)} and ${readableBy(sql, actor)}
        order by m.position`.pipe(Effect.map(toPage(request)), Effect.orDie)

    return { page, filtered }
  }),
}) {}
