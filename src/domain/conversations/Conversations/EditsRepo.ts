import { SqlClient } from "@effect/sql"
import type { Fragment } from "@effect/sql/Statement"
import { Effect, Option } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import { findOne, hasRow } from "../../shared/Rows"
import { Conversation, type MessageId } from "./Model"
import { ownedBy } from "./Policy"

/** Edits and deletes existing messages. */
export class EditsRepo extends Effect.Service<EditsRepo>()("EditsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /**
     * Locks the conversation of a message until the transaction ends and returns its id. Later
     * statements then see everything written to it; a statement that waits for the lock itself would
     * not see the messages inserted while it waited.
     */
    const lockConversationOf = (actor: Actor, id: MessageId) =>
      sql`
        select c.id from conversations c join messages m on m.conversation_id = c.id
        where m.id = ${uuidOrNull(id)} and ${ownedBy(sql, actor)} for update of c`.pipe(
        findOne(Conversation.pick("id")),
        Effect.map(Option.map(({ id }) => id)),
      )

    /** Deletes a message and shifts those after it, so that positions stay contiguous. */
    const deleteAndShift = (id: string | null, condition: Fragment) =>
      sql`
        with conversation as (
          select c.id, m.id as message_id from conversations c join messages m on m.conversation_id = c.id
          where m.id = ${id} and ${condition} for update of c
        ), deleted as (
          delete from messages m using conversation where m.id = conversation.message_id
          returning m.id, m.conversation_id, m.position
        ), shifted as (
          update messages m set position = m.position - 1
          from deleted where m.conversation_id = deleted.conversation_id and m.position > deleted.position
        ), prompt as ( -- of a deleted answer: finalizing its generation no longer makes the prompt searchable
          update messages m set is_searchable = true
          from deleted where m.conversation_id = deleted.conversation_id and m.position = deleted.position - 1
            and m.role = 'user' and not m.is_searchable
        )
        update conversations c
        set message_count = c.message_count - 1, last_message_id = last.id, last_message_at = last.created_at
        from deleted left join lateral (
          select m.id, m.created_at from messages m
          where m.conversation_id = deleted.conversation_id and m.id <> deleted.id
          order by m.position desc limit 1
        ) last on true
        where c.id = deleted.conversation_id returning c.id`.pipe(hasRow)

    /** Deletes one of the actor's messages. Requires the conversation lock. Returns false if there is none. */
    const remove = (actor: Actor, id: MessageId) => deleteAndShift(uuidOrNull(id), ownedBy(sql, actor))

    /** Deletes an answer that stayed empty. Requires the conversation lock. */
    const deleteIfEmpty = (id: MessageId) => Effect.asVoid(deleteAndShift(id, sql`m.content = ''`))

    /**
     * Replaces the content of one of the actor's prompts and records the old one. Returns false if there
     * is no such prompt. Identical content adds no entry to the history.
     */
    const editPrompt = (actor: Actor, id: MessageId, content: string, now: Date) =>
      sql`
        update messages m set content = ${content}, edit_history = case
          when m.content = ${content} then m.edit_history
          else m.edit_history || jsonb_build_object('content', m.content, 'editedAt', ${now.toISOString()}::text)
        end
        from conversations c
        where c.id = m.conversation_id and m.id = ${uuidOrNull(id)} and m.role = 'user' and ${ownedBy(sql, actor)}
        returning m.id`.pipe(hasRow)

    return { lockConversationOf, remove, deleteIfEmpty, editPrompt }
  }),
}) {}
