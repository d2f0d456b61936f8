import { SqlClient } from "@effect/sql"
import type { Fragment } from "@effect/sql/Statement"
import { Effect, Option } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import { type Page, toPageResult } from "../../shared/Page"
import type { ConversationId, Message, MessageFilter } from "./Model"
import { ownedBy } from "./Policy"

type Window = { readonly page: number; readonly limit: number }
type Row = Message & { readonly total: number }

export class MessagesRepo extends Effect.Service<MessagesRepo>()("MessagesRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(
      `m.id, m.conversation_id as "conversationId", m.role, m.content, m.created_at as "createdAt"`,
    )

    /** No row at all means no such conversation; one without a message, a page past the end. */
    const toPage =
      (window: Window) =>
      (rows: ReadonlyArray<Row>): Option.Option<Page<Message>> =>
        rows.length === 0 ? Option.none() : Option.some({ ...toPageResult(rows), ...window })

    /** Positions have no gaps, so a page is a range of them and needs no counting. */
    const page = (actor: Actor, id: ConversationId, window: Window) => {
      const start = (window.page - 1) * window.limit
      return sql<Row>`
        select c.message_count as total, ${columns}
        from conversations c
        left join messages m on m.conversation_id = c.id
          and m.position >= ${start}::bigint and m.position < ${start + window.limit}::bigint
        where c.id = ${uuidOrNull(id)} and ${ownedBy(sql, actor)}
        order by m.position`.pipe(Effect.map(toPage(window)), Effect.orDie)
    }

    const conditions = (filter: MessageFilter) => {
      const when = <A>(value: A | undefined, condition: (value: A) => Fragment) =>
        value === undefined ? [] : [condition(value)]
      return sql.and([
        sql`m.conversation_id = c.id`,
        ...when(filter.role, (role) => sql`m.role = ${role}`),
        ...when(filter.before, (before) => sql`m.created_at < ${before}`),
        ...when(filter.after, (after) => sql`m.created_at > ${after}`),
        ...when(filter.search, (text) => sql`position(lower(${text}) in lower(m.content)) > 0`),
      ])
    }

    const filtered = (actor: Actor, id: ConversationId, filter: MessageFilter, window: Window) =>
      sql<Row>`
        with found as materialized (
          select m.id, m.position from conversations c join messages m on ${conditions(filter)}
          where c.id = ${uuidOrNull(id)} and ${ownedBy(sql, actor)}
        ), page as (
          select id from found order by position
          limit ${window.limit} offset ${(window.page - 1) * window.limit}::bigint
        )
        select (select count(*) from found)::int as total, ${columns}
        from conversations c
        left join (messages m join page on page.id = m.id) on m.conversation_id = c.id
        where c.id = ${uuidOrNull(id)} and ${ownedBy(sql, actor)}
        order by m.position`.pipe(Effect.map(toPage(window)), Effect.orDie)

    return { page, filtered }
  }),
}) {}
