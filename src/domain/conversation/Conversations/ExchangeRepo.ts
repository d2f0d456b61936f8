import { SqlClient } from "@effect/sql"
import type { Fragment } from "@effect/sql/Statement"
import { Effect, Option } from "effect"
import type { Actor } from "../../kernel/Actor"
import { uuidOrNull } from "../../kernel/Ids"
import { bytesPerToken, tokensPerTurn } from "../../kernel/TokenEstimate"
import type { ConversationId, MessageId } from "./Model"
import { ownedBy } from "./Policy"

/** How many messages are looked at for what a model may be told. */
const longestHistory = 200

interface NewExchange {
  readonly conversationId: ConversationId
  readonly promptId: MessageId
  readonly answerId: MessageId
  readonly content: string
  readonly now: Date
}

/** What became of an exchange that was written: when, and after which message. */
interface Written {
  readonly promptAt: Date
  readonly answerAt: Date
  readonly previousMessageId: MessageId | null
}

/** The writing side of messages: a prompt with its answer, and the answer as it grows. */
export class ExchangeRepo extends Effect.Service<ExchangeRepo>()("ExchangeRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /**
     * The part `conversation` of a statement: its row, locked, so that positions follow one another
     * and times rise whoever else is writing; none if it is not there or not the actor's.
     */
    const locked = (actor: Actor, exchange: NewExchange) => sql`
      conversation as (
        select c.id, c.message_count, c.last_message_id,
          greatest(${exchange.now}::timestamptz, c.last_message_at + interval '1 ms') as at
        from conversations c
        where c.id = ${uuidOrNull(exchange.conversationId)} and ${ownedBy(sql, actor)}
        for update
      )`

    /**
     * The part `history`: what was said in the part `conversation` so far, as much of its end as
     * fits into `budget` tokens, in `turns` of role and content, and how many `tokens` that is.
     * Messages that say nothing are left out.
     */
    const history = (budget: number) => sql`
      history as (
        select coalesce(json_agg(json_build_object('role', role, 'content', content) order by position), '[]')
          as turns, coalesce(sum(tokens), 0)::int as tokens
        from (
          select role, content, position, tokens, sum(tokens) over (order by position desc) as total
          from (
            select m.role, m.content, m.position,
              ceil(octet_length(m.content) / ${bytesPerToken}::numeric) + ${tokensPerTurn}::int as tokens
            from conversation c
            join messages m on m.conversation_id = c.id and m.position >= c.message_count - ${longestHistory}::int
            where m.content <> ''
          ) recent
        ) counted
        where total <= ${budget}::int
      )`

    /** The parts that write a prompt and an empty answer at its end, once per row of `given`. */
    const written = (exchange: NewExchange, given: Fragment) => sql`
      counted as (
        update conversations c
        set message_count = c.message_count + 2, last_message_id = ${exchange.answerId}::uuid,
          last_message_at = given.at + interval '1 ms'
        from (select * from ${given}) given where c.id = given.id
      ), exchange as (
        insert into messages (id, conversation_id, position, role, content, created_at)
        select ${exchange.promptId}::uuid, id, message_count, 'user', ${exchange.content}, at from ${given}
        union all
        select ${exchange.answerId}::uuid, id, message_count + 1, 'assistant', '', at + interval '1 ms'
        from ${given}
      )`

    const append = (actor: Actor, exchange: NewExchange) =>
      sql<Written>`
        with ${locked(actor, exchange)}, ${written(exchange, sql`conversation`)}
        select at as "promptAt", at + interval '1 ms' as "answerAt", last_message_id as "previousMessageId"
        from conversation`.pipe(
        Effect.map((rows) => Option.fromNullable(rows[0])),
        Effect.orDie,
      )

    /** The part that adds text to the end of an answer, if `given` has a row. */
    const extended = (id: MessageId, text: string, given: Fragment) => sql`
      answer as (
        update messages set content = content || ${text}
        where id = ${id} and exists (select from ${given})
      )`

    /** Adds text to the ends of answers, many in one statement. */
    const extend = (tails: ReadonlyArray<{ readonly id: MessageId; readonly text: string }>) =>
      sql`
        update messages m set content = m.content || tail.text
        from unnest(${tails.map((tail) => tail.id)}::uuid[], ${tails.map((tail) => tail.text)}::text[])
          as tail(id, text)
        where m.id = tail.id`.pipe(Effect.orDie, Effect.asVoid)

    /** Takes an answer back that never said anything, and closes the gap it leaves. */
    const withdrawEmpty = (id: MessageId) =>
      sql`
        with conversation as (
          select c.id from conversations c join messages m on m.conversation_id = c.id
          where m.id = ${id} and m.content = '' for update of c
        ), gone as (
          delete from messages m using conversation c
          where m.id = ${id} and m.conversation_id = c.id
          returning m.conversation_id, m.position
        ), moved as (
          update messages m set position = m.position - 1
          from gone where m.conversation_id = gone.conversation_id and m.position > gone.position
        )
        update conversations c
        set message_count = c.message_count - 1,
          last_message_id = (
            select m.id from messages m where m.conversation_id = c.id and m.id <> ${id}
            order by m.position desc limit 1
          )
        from gone where c.id = gone.conversation_id`.pipe(Effect.orDie, Effect.asVoid)

    return { append, extend, withdrawEmpty, parts: { locked, history, written, extended } }
  }),
}) {}
