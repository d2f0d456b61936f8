import { SqlClient } from "@effect/sql"
import { DateTime, Effect } from "effect"
import { Conversations } from "../../conversations/Conversations"
import type { MessageId } from "../../conversations/Conversations/Model"
import { Models } from "../../models/Models"
import type { Pricing } from "../../operations/Usage/Model"
import { hasRow } from "../../shared/Rows"
import { withTransaction } from "../../shared/Transaction"
import { appendEvents, noReasoning } from "./Checkpoint"
import { concatDeltas } from "./EventBuffer"
import type { GenerationEvent, GenerationId, ReasoningPiece, TerminalEvent } from "./Model"
import type { Orphan } from "./Repo"
import { estimatedUsage, initialEvents } from "./Rules"

interface FinalizeInput {
  readonly id: GenerationId
  readonly model: string
  readonly answerId: MessageId
  /** The events that are not in the database yet, the terminal one last. */
  readonly unpersisted: ReadonlyArray<GenerationEvent>
  /** The reasoning that is not in the database yet. */
  readonly reasoning: ReasoningPiece
  readonly terminalEvent: TerminalEvent
  readonly hasContent: boolean
}

/**
 * The distance from an orphan's last persisted event to its terminal event. Exceeds the number of
 * events that the orphan's node may have sent to subscribers without persisting them, so that those
 * subscribers still receive the terminal event.
 */
const ORPHAN_SEQ_GAP = 1_000_000

/**
 * Moves a running generation to a terminal state: completes its log and its answer, makes the exchange
 * searchable, settles the ledger entry and adds it to the totals of conversation, account and day. Its
 * price is the one stored at the start, else the one passed; an unknown price adds no cost. Idempotent.
 * Returns false when the generation had ended before or its conversation was deleted.
 *
 * Lock order: the conversation, then the usage account, then the day. PostgreSQL runs independent CTEs
 * in any order, so each reads from the one whose lock comes before its own.
 */
const finishGeneration = (
  sql: SqlClient.SqlClient,
  input: FinalizeInput,
  price: Pricing | null,
  now: Date,
) => {
  const { id, answerId, unpersisted, reasoning, terminalEvent, hasContent } = input
  const { promptTokens, completionTokens } = terminalEvent.usage
  return sql`
    with locked as (
      select c.id from conversations c join generations g on g.conversation_id = c.id
      where g.id = ${id} for update of c
    ), finished as (
      update generations g
      set state = ${terminalEvent.type}, ended_at = ${now},
        answer_id = case when ${hasContent}
          or exists (select from messages m where m.id = g.answer_id and m.content <> '') then answer_id end
      from locked where g.id = ${id} and state = 'running' returning g.id, conversation_id, prompt_id
    ), final_events as (
      insert into generation_log (generation_id, first_seq, events)
      select id, ${unpersisted[0]?.seq ?? 0}::int, ${JSON.stringify(unpersisted)}::json from finished
    ), final_reasoning as (
      insert into generation_reasoning (generation_id, first_offset, text)
      select id, ${reasoning.offset}::int, ${reasoning.text} from finished where ${reasoning.text} <> ''
    ), answer as (
      update messages set content = content || ${concatDeltas(unpersisted)}, is_searchable = true
      where id = ${answerId} and exists (select from finished)
    ), prompt as (
      update messages m set is_searchable = true
      from finished where m.id = finished.prompt_id and not m.is_searchable
    ), token_totals as (
      update conversations c
      set input_tokens = input_tokens + ${promptTokens}, output_tokens = output_tokens + ${completionTokens}
      from finished where c.id = finished.conversation_id
    ), settlement as ( -- even if the conversation was deleted: the tokens are spent
      update usage_entries
      set prompt_tokens = ${promptTokens}, completion_tokens = ${completionTokens},
        cost_usd = trim_scale(
          coalesce(prompt_price, ${price?.prompt ?? null}::numeric) * ${promptTokens}::bigint
          + coalesce(completion_price, ${price?.completion ?? null}::numeric) * ${completionTokens}::bigint
          + case when ${promptTokens}::bigint + ${completionTokens}::bigint = 0 then 0
            when prompt_price is null then ${price?.request ?? "0"}::numeric
            else coalesce(request_price, 0) end),
        settled_at = ${now}
      where id = ${id} and settled_at is null and (select count(*) from locked) >= 0
      returning user_id, model, reserved_tokens, messages, prompt_tokens, completion_tokens, cost_usd, created_at,
            (extract(epoch from settled_at - created_at) * 1000)::bigint as milliseconds
    ), charge as (
      update usage_accounts a
      set tokens_reserved = a.tokens_reserved - e.reserved_tokens,
          tokens_used = a.tokens_used + e.prompt_tokens + e.completion_tokens
      from settlement e where a.user_id = e.user_id
      returning e.*
    ), daily_totals as (
      insert into usage_days as d
        (day, user_id, model, requests, messages, prompt_tokens, completion_tokens, cost_usd, milliseconds)
      select (created_at at time zone 'UTC')::date, user_id, model, 1, messages, prompt_tokens,
        completion_tokens, coalesce(cost_usd, 0), milliseconds
      from charge
      on conflict (day, user_id, model) do update set
        requests = d.requests + excluded.requests, messages = d.messages + excluded.messages,
        prompt_tokens = d.prompt_tokens + excluded.prompt_tokens,
        completion_tokens = d.completion_tokens + excluded.completion_tokens,
        cost_usd = d.cost_usd + excluded.cost_usd, milliseconds = d.milliseconds + excluded.milliseconds
    )
    select id from finished`.pipe(hasRow)
}

/** Ends generations: of this process, and orphans of processes that died. */
export class GenerationFinalizer extends Effect.Service<GenerationFinalizer>()("GenerationFinalizer", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const transaction = withTransaction(sql)
    const conversations = yield* Conversations
    const models = yield* Models

    /**
     * Persists the end of a generation, and deletes its answer if that is empty, as a second statement:
     * only one that starts with the conversation locked sees all messages to shift. Returns false when
     * the generation had ended before or its conversation was deleted.
     */
    const finalize = Effect.fn("GenerationFinalizer.finalize")(function* (input: FinalizeInput) {
      const finish = finishGeneration(sql, input, models.priceOf(input.model), yield* DateTime.nowAsDate)
      if (input.hasContent) return yield* finish
      return yield* Effect.tap(finish, conversations.deleteMessageIfEmpty(input.answerId)).pipe(transaction)
    })

    /** Ends a generation whose node died, with the content that the node had persisted. */
    const finalizeOrphan = Effect.fnUntraced(function* (orphan: Orphan) {
      const { id, model, answerId, promptTokens, partialContent, partialReasoning, lastSeq } = orphan
      if (lastSeq < 0) {
        yield* appendEvents(sql, [{ id, answerId, events: initialEvents(orphan), reasoning: noReasoning }])
      }
      const terminalEvent: TerminalEvent = {
        type: orphan.stopRequested ? "stopped" : "interrupted",
        usage: estimatedUsage(promptTokens, partialReasoning + partialContent),
      }
      const unpersisted = [{ ...terminalEvent, seq: Math.max(lastSeq, 1) + ORPHAN_SEQ_GAP }]
      const hasContent = partialContent !== ""
      return yield* finalize({
        id,
        model,
        answerId,
        unpersisted,
        reasoning: noReasoning,
        terminalEvent,
        hasContent,
      })
    })

    return { finalize, finalizeOrphan }
  }),
}) {}
