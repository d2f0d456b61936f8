import { SqlClient } from "@effect/sql"
import type { Fragment } from "@effect/sql/Statement"
import { Effect, Option } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import { findOne, hasRow } from "../../shared/Rows"
import { Conversation, type ConversationId, Message, type MessageId, type NewMessage } from "./Model"
import { ownedBy } from "./Policy"

/** Appends messages without a generation; edits and deletes existing ones. */
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
     * Appends an answer that no generation has written. Returns its time, later than that of any other
     * message; None when there is no such conversation. Locks the conversation as a generation's start does.
     */
    const appendAnswer = (actor: Actor, id: ConversationId, answer: NewMessage, now: Date) =>
      sql`
        with conversation as (
          select c.id, c.user_id, c.message_count,
            greatest(${now}::timestamptz, c.last_message_at + interval '1 ms') as created_at
          from conversations c where c.id = ${uuidOrNull(id)} and ${ownedBy(sql, actor)} for update
        ), message as (
          insert into messages (id, conversation_id, user_id, position, role, content, attachments, created_at)
          select ${answer.id}::uuid, id, user_id, message_count, 'assistant', ${answer.content},
            ${JSON.stringify(answer.attachments)}::jsonb, created_at
          from conversation
        )
        update conversations c
        set message_count = conversation.message_count + 1, last_message_id = ${answer.id}::uuid,
          last_message_at = conversation.created_at, hidden_at = null
        from conversation where c.id = conversation.id
        returning conversation.id as "conversationId", conversation.created_at as "createdAt"`.pipe(
        findOne(Message.pick("conversationId", "createdAt")),
      )

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

    return { lockConversationOf, remove, deleteIfEmpty, appendAnswer, editPrompt }
  }),
}) {}
