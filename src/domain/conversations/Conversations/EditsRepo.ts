import { SqlClient } from "@effect/sql"
import type { Fragment } from "@effect/sql/Statement"
import { Effect, Option } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { ConversationId, MessageId } from "./Model"
import { ownedBy } from "./Policy"

/** Changes to what was said already. */
export class EditsRepo extends Effect.Service<EditsRepo>()("EditsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /**
     * Locks the conversation that a message is in until the transaction ends, and says which it is.
     * Statements after this one see all that was written to it; one that waits for the lock itself
     * does not see the messages that came while it waited.
     */
    const lockAround = (actor: Actor, id: MessageId) =>
      sql<{ id: ConversationId }>`
        select c.id from conversations c join messages m on m.conversation_id = c.id
        where m.id = ${uuidOrNull(id)} and ${ownedBy(sql, actor)} for update of c`.pipe(
        Effect.map((rows) => Option.fromNullable(rows[0]?.id)),
        Effect.orDie,
      )

    /** Takes a message out and closes the gap that it leaves, so that positions go on without one. */
    const takeOut = (id: string | null, condition: Fragment) =>
      sql`
        with conversation as (
          select c.id, m.id as message_id from conversations c join messages m on m.conversation_id = c.id
          where m.id = ${id} and ${condition} for update of c
        ), gone as (
          delete from messages m using conversation where m.id = conversation.message_id
          returning m.id, m.conversation_id, m.position
        ), moved as (
          update messages m set position = m.position - 1
          from gone where m.conversation_id = gone.conversation_id and m.position > gone.position
        ), prompt as ( -- of an answer whose ending finds nothing any more
          update messages m set is_searchable = true
          from gone where m.conversation_id = gone.conversation_id and m.position = gone.position - 1
            and m.role = 'user' and not m.is_searchable
        )
        update conversations c
        set message_count = c.message_count - 1, last_message_id = last.id, last_message_at = last.created_at
        from gone left join lateral (
          select m.id, m.created_at from messages m
          where m.conversation_id = gone.conversation_id and m.id <> gone.id
          order by m.position desc limit 1
        ) last on true
        where c.id = gone.conversation_id returning c.id`.pipe(
        Effect.map((rows) => rows.length === 1),
        Effect.orDie,
      )

    /** From a conversation that is locked. False when there is none that is the actor's. */
    const remove = (actor: Actor, id: MessageId) => takeOut(uuidOrNull(id), ownedBy(sql, actor))

    /** Takes an answer back that never said anything, from a conversation that is locked. */
    const withdrawEmpty = (id: MessageId) => Effect.asVoid(takeOut(id, sql`m.content = ''`))

    /** False when there is no such prompt of the actor's. Words that stay as they are leave no trace. */
    const reword = (actor: Actor, id: MessageId, content: string, now: Date) =>
      sql`
        update messages m set content = ${content}, edit_history = case
          when m.content = ${content} then m.edit_history
          else m.edit_history || jsonb_build_object('content', m.content, 'editedAt', ${now.toISOString()}::text)
        end
        from conversations c
        where c.id = m.conversation_id and m.id = ${uuidOrNull(id)} and m.role = 'user' and ${ownedBy(sql, actor)}
        returning m.id`.pipe(
        Effect.map((rows) => rows.length === 1),
        Effect.orDie,
      )

    return { lockAround, remove, withdrawEmpty, reword }
  }),
}) {}
