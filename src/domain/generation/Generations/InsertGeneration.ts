import type { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import {
  Attachment,
  type ChatMessage,
  ConversationId,
  defaultTitle,
  type ExchangeTarget,
  MessageId,
  MessageRole,
} from "../../conversations/Conversations/Model"
import type { Pricing } from "../../operations/Usage/Model"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import { bytesPerToken, tokensPerAttachment, tokensPerMessage } from "../../shared/TokenEstimate"
import { rejectionCodes } from "./Errors"
import type { GenerationId } from "./Model"

/*
 * The statement that starts a generation: it reserves the tokens and inserts prompt, empty answer, ledger
 * entry and generation. One statement, because each round trip is time before the first token.
 *
 * Lock order, here and in GenerationFinalizer.ts: the conversation, then the usage account. Transitions
 * that took these locks in different orders would deadlock. PostgreSQL runs independent CTEs in any
 * order, so each reads from the one whose lock comes before its own.
 */

/** Maximum number of messages considered for the context window of a model call. */
const MAX_CONTEXT_MESSAGES = 200

interface NewGeneration {
  readonly id: GenerationId
  readonly model: string
  /** Stored for settlement; null when it is unknown. */
  readonly price: Pricing | null
  /** How many of the user's messages it answers. */
  readonly messageCount: 0 | 1
  readonly target: ExchangeTarget
  readonly answerId: MessageId
  /** The maximum size of the conversation's end that is sent to the model, in tokens. */
  readonly budget: number
  /** The size of the system prompt, in tokens. */
  readonly systemTokens: number
  readonly maxOutputTokens: number
  /** The node that runs it. */
  readonly owner: number
  readonly now: Date
}

/**
 * The started generation; nothing was written when `limited` is null. Not decoded, which for a long
 * context window takes 0.1 ms before the first token; a test compares it with the columns.
 */
export const StartRow = Schema.Struct({
  /** Whether the user has a token limit; null when that limit does not cover the generation. */
  limited: Schema.NullOr(Schema.Boolean),
  conversationId: ConversationId,
  promptId: MessageId,
  /** The message before the prompt; null when the prompt is the first one. */
  previousId: Schema.NullOr(MessageId),
  content: Schema.String,
  attachments: Schema.Array(Attachment),
  promptedAt: Schema.DateFromSelf,
  startedAt: Schema.DateFromSelf,
  /** The latest messages before the prompt that fit into the budget, oldest first. */
  turns: Schema.Array(Schema.Tuple(MessageRole, Schema.String, Schema.Array(Attachment))),
  /** An estimate of the size of these messages and the prompt, in tokens. */
  tokens: Schema.Int,
  /** How many messages were deleted because they followed the regenerated prompt. */
  deletedCount: Schema.Int,
})
type StartRow = typeof StartRow.Type

/** Inserts a running generation. Returns undefined when the actor has no such target. */
export const insertGeneration = (sql: SqlClient.SqlClient, actor: Actor, input: NewGeneration) =>
  sql<StartRow>`
    with target as (${selectTarget(sql, actor, input)}),
    context_window as (
      select (coalesce(sum(tokens), 0) + (select ${tokensOf(sql, "target")} from target))::int as tokens,
        coalesce(json_agg(json_build_array(role, content, attachments) order by position), '[]') as turns
      from (
        select *, sum(tokens) over (order by position desc) as total
        from (${answeredTurns(sql)}) turns
      ) running_totals
      where total <= ${input.budget}::int - (select ${tokensOf(sql, "target")} from target)
    ), account as ( -- empty if the limit does not cover the generation: then nothing below writes a row
      update usage_accounts
      set tokens_reserved = tokens_reserved + cost.tokens, messages_sent = messages_sent + ${input.messageCount}::int
      from (
        select tokens + ${input.systemTokens + input.maxOutputTokens}::int as tokens
        from target cross join context_window
      ) cost
      where user_id = ${actor.userId}
        and (tokens_limit < 0 or tokens_used + tokens_reserved + cost.tokens <= tokens_limit)
      returning user_id, tokens_limit >= 0 as limited, cost.tokens
    ), entry as (
      insert into usage_entries
        (id, user_id, model, reserved_tokens, messages, prompt_price, completion_price, request_price, created_at)
      select ${input.id}::uuid, user_id, ${input.model}, tokens, ${input.messageCount}::int,
        ${input.price?.prompt ?? null}::numeric, ${input.price?.completion ?? null}::numeric,
        ${input.price?.request ?? null}::numeric, ${input.now}
      from account
    ), source as (
      select target.*, user_id, ${input.answerId}::uuid as answer_id from target cross join account
    ), conversation as (
      ${writeConversation(sql, input.target)}
    ), edited as (
      update messages m set content = source.content, edit_history = m.edit_history || jsonb_build_object(
        'content', source.old_content,
        'editedAt', to_char(source.answer_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
      from source where m.id = source.prompt_id and source.content <> source.old_content
    ), deleted as (
      delete from messages m using source
      where source.old_content is not null
        and m.conversation_id = source.id and m.position > source.position returning m.id
    ), exchange as ( -- unsearchable: both enter the search index once, when the answer is first persisted
      insert into messages
        (id, conversation_id, user_id, position, role, content, attachments, is_searchable, created_at)
      select prompt_id, id, user_id, position, 'user', content, attachments, false, prompt_at
      from source where old_content is null
      union all
      select answer_id, id, user_id, position + 1, 'assistant', '', '[]'::jsonb, false, answer_at from source
    ), generation as (
      insert into generations
        (id, user_id, conversation_id, prompt_id, answer_id, model, owner, started_at, prompt_tokens)
      select ${input.id}::uuid, user_id, id, prompt_id, answer_id, ${input.model}, ${input.owner}, answer_at,
        context_window.tokens + ${input.systemTokens}::int
      from source cross join context_window
    )
    select limited, target.id as "conversationId", prompt_id as "promptId", previous_id as "previousId",
      content, attachments, prompt_at as "promptedAt", answer_at as "startedAt", turns, context_window.tokens,
      (select count(*)::int from deleted) as "deletedCount"
    from target cross join context_window left join account on true`.pipe(
    Effect.map(([row]) => row),
    Effect.orDie,
  )

/** Estimates the tokens of a message. Integer arithmetic: numerics take several times as long. */
const tokensOf = (sql: SqlClient.SqlClient, table: string) =>
  sql.literal(`((octet_length(${table}.content) + ${bytesPerToken - 1}) / ${bytesPerToken} + ${tokensPerMessage}
    + jsonb_array_length(${table}.attachments) * ${tokensPerAttachment})`)

/**
 * Selects the messages before the prompt. Of prompts without an answer only the text: their attachments may be
 * why there is none. Those that the provider rejected for their content are left out, or every later prompt
 * would be rejected with them.
 */
const answeredTurns = (sql: SqlClient.SqlClient) => sql`
  select role, content, position,
    case when is_unanswered then '[]' else attachments end as attachments,
    tokens - case when is_unanswered then jsonb_array_length(attachments) * ${tokensPerAttachment}::int else 0 end
      as tokens
  from (
    select m.id, m.role, m.content, m.attachments, m.position, ${tokensOf(sql, "m")} as tokens,
      m.role = 'user' and lead(m.role, 1, 'user') over (order by m.position) = 'user' as is_unanswered
    from target join messages m on m.conversation_id = target.id
      and m.position < target.position and m.position >= target.position - ${MAX_CONTEXT_MESSAGES}::int
    where m.content <> ''
  ) recent
  where not (is_unanswered and exists (
    select from generations g join generation_log l on l.generation_id = g.id
    where g.prompt_id = recent.id and g.state = 'failed'
      and l.events -> -1 -> 'error' ->> 'code' = any(${rejectionCodes}::text[])))`

/**
 * Selects the prompt with its conversation, position and timestamp, and its old content if it exists
 * already. Locks the conversation, so that under concurrent writers positions stay contiguous and
 * timestamps rise. Selects nothing when the conversation does not exist or is not the actor's.
 */
const selectTarget = (sql: SqlClient.SqlClient, actor: Actor, { target, now }: NewGeneration) => {
  const nextTimestamp = sql`greatest(${now}::timestamptz, c.last_message_at + interval '1 ms')`
  if (target._tag === "Regenerate") {
    return sql`
      select c.id, p.id as prompt_id, coalesce(${target.content ?? null}, p.content) as content, p.attachments,
        p.content as old_content, p.position, p.created_at as prompt_at, ${nextTimestamp} as answer_at,
        (select m.id from messages m where m.conversation_id = c.id and m.position = p.position - 1) as previous_id
      from conversations c join messages p on p.conversation_id = c.id
      where p.id = ${uuidOrNull(target.promptId)} and p.role = 'user'
        and c.user_id = ${actor.userId} and c.arena_session_id is null
      for update`
  }
  const { id, content, attachments } = target.prompt
  const prompt = sql`${id}::uuid as prompt_id, ${content}::text as content,
    ${JSON.stringify(attachments)}::jsonb as attachments, null::text as old_content`
  if (target._tag === "NewConversation") {
    return sql`
      select ${target.id}::uuid as id, ${prompt}, 0 as position, ${now}::timestamptz as prompt_at,
        ${now}::timestamptz + interval '1 ms' as answer_at, null::uuid as previous_id`
  }
  return sql`
    select c.id, ${prompt}, c.message_count as position, ${nextTimestamp} as prompt_at,
      ${nextTimestamp} + interval '1 ms' as answer_at, c.last_message_id as previous_id
    from conversations c
    where c.id = ${uuidOrNull(target.id)} and c.user_id = ${actor.userId}
      and c.arena_session_id ${target.arena === undefined ? sql`is null` : sql`= ${uuidOrNull(target.arena)}`}
    for update`
}

/** Inserts the new conversation, or moves the end of the existing one to the answer. */
const writeConversation = (sql: SqlClient.SqlClient, target: ExchangeTarget) => {
  if (target._tag !== "NewConversation") {
    return sql`
      update conversations c
      set message_count = source.position + 2, last_message_id = source.answer_id,
        last_message_at = source.answer_at, hidden_at = null
      from source where c.id = source.id`
  }
  const { title, assistantId, folderId, isArchived = false } = target.conversation
  return sql`
    insert into conversations (id, user_id, title, is_titled, assistant_id, folder_id,
      message_count, last_message_id, last_message_at, created_at, is_archived, hidden_at)
    select id, user_id, ${title ?? defaultTitle}, ${title !== undefined},
      (select a.id from assistants a where a.id = ${assistantId ?? null}::uuid for key share),
      ${folderId ?? null}, 2, answer_id, answer_at, prompt_at,
      ${isArchived}::boolean, case when ${isArchived}::boolean then prompt_at end
    from source`
}

/**
 * Returns the messages to send to the model, the prompt last. Consecutive ones of one role are joined: prompts
 * that were not answered with the next one, and answers whose prompts were deleted with the one before.
 */
export const contextWindow = ({ turns, content, attachments }: StartRow): ReadonlyArray<ChatMessage> => {
  const messages: Array<ChatMessage> = []
  for (const [role, text, files] of [...turns, ["user", content, attachments] as const]) {
    const last = messages.at(-1)
    if (last?.role === role) {
      messages[messages.length - 1] = {
        role,
        content: `${last.content}\n\n${text}`,
        attachments: [...last.attachments, ...files],
      }
    } else messages.push({ role, content: text, attachments: files })
  }
  return messages
}
