import { SqlClient } from "@effect/sql"
import type { Fragment } from "@effect/sql/Statement"
import { Effect } from "effect"
import type { Actor } from "../../kernel/Actor"
import { uuidOrNull } from "../../kernel/Ids"
import type { MessageId } from "./Model"
import { ownedBy } from "./Policy"

/** Changes to what was said already. */
export class EditsRepo extends Effect.Service<EditsRepo>()("EditsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /**
     * Takes a message out and closes the gap that it leaves, so that positions go on without one.
     * The conversation is locked first, like everywhere: whoever else writes to it waits.
     */
    const takeOut = (id: string | null, condition: Fragment) =>
      sql`
        with conversation as (
          select c.id, m.id as message_id from conversations c join messages m on m.conversation_id = c.id
          where m.id = ${id} and ${condition} for update
        ), gone as (
          delete from messages m using conversation where m.id = conversation.message_id
          returning m.id, m.conversation_id, m.position
        ), moved as (
          update messages m set position = m.position - 1
          from gone where m.conversation_id = gone.conversation_id and m.position > gone.position
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

    /** False when there is none that is the actor's. */
    const remove = (actor: Actor, id: MessageId) => takeOut(uuidOrNull(id), ownedBy(sql, actor))

    /** Takes an answer back that never said anything. */
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

    return { remove, withdrawEmpty, reword }
  }),
}) {}
