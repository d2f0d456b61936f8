import { SqlClient } from "@effect/sql"
import type { Fragment } from "@effect/sql/Statement"
import { Effect } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import { bytesPerToken, tokensPerAttachment, tokensPerMessage } from "../../shared/TokenEstimate"
import { defaultTitle, type ExchangeTarget, type MessageId, type NewConversation } from "./Model"
import { ownedBy } from "./Policy"

/** Maximum number of messages considered for the context window of a model call. */
const MAX_CONTEXT_MESSAGES = 200

interface NewAnswer {
  readonly target: ExchangeTarget
  readonly answerId: MessageId
  readonly now: Date
}

/**
 * Writes exchanges, each a prompt with its answer, and the answer's text as it grows. Most of it is
 * offered as CTEs for the statement that starts a generation and the one that finishes it.
 */
export class ExchangesRepo extends Effect.Service<ExchangesRepo>()("ExchangesRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** Estimates the tokens of a message. Integer arithmetic: numerics take several times as long. */
    const tokensOf = (table: string) =>
      sql.literal(`((octet_length(${table}.content) + ${bytesPerToken - 1}) / ${bytesPerToken} + ${tokensPerMessage}
        + jsonb_array_length(${table}.attachments) * ${tokensPerAttachment})`)

    /**
     * Builds the CTE `target`: the conversation's row, locked so that positions stay contiguous and
     * timestamps rise under concurrent writers, with the prompt and its position and timestamp. It
     * is empty when the conversation does not exist or is not the actor's.
     */
    const lockTargetCte = (actor: Actor, { target, now }: NewAnswer) => {
      const nextTimestamp = sql`greatest(${now}::timestamptz, c.last_message_at + interval '1 ms')`
      if (target._tag === "Regenerate") {
        return sql`
          target as (
            select c.id, p.id as prompt_id, coalesce(${target.content ?? null}, p.content) as content,
              p.attachments, p.position, p.content as old_content, p.created_at as prompt_at,
              ${nextTimestamp} as answer_at,
              (select m.id from messages m where m.conversation_id = c.id and m.position = p.position - 1)
                as previous_id
            from conversations c join messages p on p.conversation_id = c.id
            where p.id = ${uuidOrNull(target.promptId)} and p.role = 'user' and ${ownedBy(sql, actor)}
            for update
          )`
      }
      const { id, content, attachments } = target.prompt
      const prompt = sql`${id}::uuid as prompt_id, ${content}::text as content,
        ${JSON.stringify(attachments)}::jsonb as attachments`
      if (target._tag === "NewConversation") {
        return sql`
          target as (
            select ${target.id}::uuid as id, ${prompt}, 0 as position, ${now}::timestamptz as prompt_at,
              ${now}::timestamptz + interval '1 ms' as answer_at, null::uuid as previous_id
          )`
      }
      return sql`
        target as (
          select c.id, ${prompt}, c.message_count as position, ${nextTimestamp} as prompt_at,
            ${nextTimestamp} + interval '1 ms' as answer_at, c.last_message_id as previous_id
          from conversations c
          where c.id = ${uuidOrNull(target.id)} and ${ownedBy(sql, actor, target.arena)}
          for update
        )`
    }

    /**
     * Builds the CTE `context_window`: the latest messages before the CTE `target` that fit into
     * `budget` tokens together with the prompt, as `turns`, each an array of role, content and
     * attachments; `tokens` is their estimate including the prompt. Empty messages are left out.
     */
    const contextWindowCte = (budget: number) => sql`
      context_window as (
        select (coalesce(sum(tokens), 0) + (select ${tokensOf("target")} from target))::int as tokens, coalesce(json_agg(json_build_array(
          role, content, attachments) order by position), '[]') as turns
        from (
          select *, sum(tokens) over (order by position desc) as total
          from (
            select m.role, m.content, m.attachments, m.position, ${tokensOf("m")} as tokens
            from target join messages m on m.conversation_id = target.id
              and m.position < target.position and m.position >= target.position - ${MAX_CONTEXT_MESSAGES}::int
            where m.content <> ''
          ) recent
        ) running_totals
        where total <= ${budget}::int - (select ${tokensOf("target")} from target)
      )`

    const insertConversationCte = ({ title, assistantId, folderId }: NewConversation) => sql`
      conversation as (
        insert into conversations (id, user_id, title, is_titled, assistant_id, folder_id,
          message_count, last_message_id, last_message_at, created_at)
        select id, user_id, ${title ?? defaultTitle}, ${title !== undefined}, (select a.id from assistants a where a.id = ${assistantId ?? null}::uuid for key share),
          ${folderId ?? null}, 2, answer_id, answer_at, prompt_at
        from source
      )`

    const updateConversationCte = sql`
      conversation as (
        update conversations c
        set message_count = source.position + 2, last_message_id = source.answer_id,
          last_message_at = source.answer_at
        from source where c.id = source.id
      )`

    /** Builds the CTEs that edit the prompt, recording its old content, and delete what followed it. */
    const editPromptCtes = sql`
      prompt as (
        update messages m set content = source.content, edit_history = m.edit_history ||
          jsonb_build_object('content', source.old_content, 'editedAt', ${isoTime(sql, "source.answer_at")})
        from source where m.id = source.prompt_id and source.content <> source.old_content
      ), deleted as (
        delete from messages m using source
        where m.conversation_id = source.id and m.position > source.position returning m.id
      )`

    /** Messages start out unsearchable: both enter the search index once, when the answer is first persisted. */
    const insertMessages = sql`
      insert into messages
        (id, conversation_id, user_id, position, role, content, attachments, is_searchable, created_at)`
    const promptRow = sql`
      select prompt_id, id, user_id, position, 'user', content, attachments, false, prompt_at from source`
    const answerRow = sql`
      select answer_id, id, user_id, position + 1, 'assistant', '', '[]'::jsonb, false, answer_at from source`

    /** Builds the CTEs that write the prompt and an empty answer at a target, once per row of the CTE `source`. */
    const insertExchangeCte = ({ target }: NewAnswer) =>
      target._tag === "Regenerate"
        ? sql`${updateConversationCte}, ${editPromptCtes}, answer as (${insertMessages} ${answerRow})`
        : sql`
          ${target._tag === "NewConversation" ? insertConversationCte(target.conversation) : updateConversationCte},
          exchange as (${insertMessages} ${promptRow} union all ${answerRow})`

    /** Builds the expression for how many messages `insertExchangeCte` deletes. */
    const deletedCount = ({ target }: NewAnswer) =>
      target._tag === "Regenerate" ? sql`(select count(*)::int from deleted)` : sql`0`

    /** Builds the CTE `locked`: the conversation of a generation, locked; empty if it was deleted. */
    const lockConversationCte = (generationId: string) => sql`
      locked as (
        select c.id from conversations c join generations g on g.conversation_id = c.id
        where g.id = ${generationId} for update of c
      )`

    /**
     * Builds the CTEs that append the last text to an answer and make the exchange searchable,
     * provided that the relation `generation` has a row.
     */
    const completeAnswerCte = (id: MessageId, text: string, generation: Fragment) => sql`
      answer as (
        update messages set content = content || ${text}, is_searchable = true
        where id = ${id} and exists (select from ${generation})
      ), prompt as (
        update messages m set is_searchable = true
        from (select * from ${generation}) g where m.id = g.prompt_id and not m.is_searchable
      )`

    /** Builds the CTE that adds an answer's tokens to its conversation, if the relation `generation` has a row. */
    const addTokensCte = (
      used: { readonly promptTokens: number; readonly completionTokens: number },
      generation: Fragment,
    ) => sql`
      token_totals as (
        update conversations c
        set input_tokens = input_tokens + ${used.promptTokens}, output_tokens = output_tokens + ${used.completionTokens}
        from (select * from ${generation}) g where c.id = g.conversation_id
      )`

    /** Appends text to several answers in one statement. */
    const appendContent = (tails: ReadonlyArray<{ readonly id: MessageId; readonly text: string }>) =>
      tails.length === 0
        ? Effect.void
        : sql`
        update messages m set content = m.content || tail.text
        from unnest(${tails.map((tail) => tail.id)}::uuid[], ${tails.map((tail) => tail.text)}::text[])
          as tail(id, text)
        where m.id = tail.id`.pipe(Effect.orDie, Effect.asVoid)

    /** Makes prompts searchable. Rows locked by another transaction are skipped: finalizing their generation does it. */
    const indexForSearch = (prompts: ReadonlyArray<MessageId>) =>
      prompts.length === 0
        ? Effect.void
        : sql`
        update messages set is_searchable = true where id in (
          select id from messages where id = any(${prompts}::uuid[]) and not is_searchable for update skip locked
        )`.pipe(Effect.orDie, Effect.asVoid)

    return {
      appendContent,
      indexForSearch,
      ctes: {
        lockTargetCte,
        contextWindowCte,
        insertExchangeCte,
        deletedCount,
        lockConversationCte,
        completeAnswerCte,
        addTokensCte,
      },
    }
  }),
}) {}

/** Formats a timestamp as `Date.prototype.toISOString` does. */
const isoTime = (sql: SqlClient.SqlClient, time: string) =>
  sql.literal(`to_char((${time}) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`)
