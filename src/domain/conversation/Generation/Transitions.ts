import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { Actor } from "../../kernel/Actor"
import { Usage } from "../../operations/Usage"
import type { Call, UsedTokens } from "../../operations/Usage/Model"
import { Conversations } from "../Conversations"
import type { ConversationId, MessageId } from "../Conversations/Model"
import type { Turn } from "../LanguageModel"
import type { GenerationEvent, GenerationId, Outcome } from "./Model"

interface Beginning {
  readonly call: Call & { readonly id: GenerationId }
  readonly conversationId: ConversationId
  readonly promptId: MessageId
  readonly answerId: MessageId
  readonly content: string
  /** How much of the conversation's end the model is told, in tokens. */
  readonly budget: number
  /** The most that the call can cost beside what is told of the conversation, in tokens. */
  readonly tokens: number
  readonly owner: number
  readonly now: Date
}

interface Ended {
  readonly id: GenerationId
  readonly answerId: MessageId
  readonly outcome: Outcome
  readonly usage: UsedTokens
  /** What the log has that the database has not, the ending last. */
  readonly events: ReadonlyArray<GenerationEvent>
  /** The text of those events. */
  readonly text: string
  readonly saidAnything: boolean
  readonly now: Date
}

/** What became of a beginning: `limited` is null when the user's limit does not cover it. */
interface Begun {
  readonly limited: boolean | null
  readonly startedAt: Date
  readonly events: ReadonlyArray<GenerationEvent>
  /** What was said before the prompt, and an estimate of how many tokens that is. */
  readonly turns: ReadonlyArray<Turn>
  readonly tokens: number
}

/**
 * How a run comes to be and how it ends: one statement each, made of the parts that the rooms
 * concerned lend. A statement is a transaction, and each round trip saved is time before the
 * first token.
 */
export class Transitions extends Effect.Service<Transitions>()("Transitions", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const conversations = yield* Conversations
    const usage = yield* Usage

    /** A time as JavaScript writes it. */
    const iso = (time: string) =>
      sql.literal(`to_char((${time}) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`)

    /** Nothing at all when there is no such conversation for the actor to write to. */
    const begin = (actor: Actor, run: Beginning) => {
      const { id, model } = run.call
      return sql<Begun>`
        with ${conversations.parts.locked(actor, run)},
        ${conversations.parts.history(run.budget)},
        cost as (select tokens + ${run.tokens}::int as tokens from conversation cross join history),
        ${usage.parts.reserved(actor.userId, run.call, run.now, sql`cost`)},
        ${conversations.parts.written(run, sql`conversation cross join account`)},
        generation as (
          insert into generations
            (id, user_id, conversation_id, prompt_id, answer_id, model, owner, started_at)
          select ${id}::uuid, account.user_id, conversation.id, ${run.promptId}::uuid, ${run.answerId}::uuid,
            ${model}, ${run.owner}, at + interval '1 ms'
          from conversation cross join account
          returning id
        ), log as (
          insert into generation_log (generation_id, first_seq, events)
          select generation.id, 0, json_build_array(
            json_build_object('type', 'prompt', 'seq', 0, 'messageId', ${run.promptId}::text,
              'previousMessageId', last_message_id, 'conversationId', conversation.id,
              'content', ${run.content}::text, 'createdAt', ${iso("at")}),
            json_build_object('type', 'started', 'seq', 1, 'messageId', ${run.answerId}::text,
              'model', ${model}::text, 'createdAt', ${iso("at + interval '1 ms'")}))
          from generation cross join conversation
          returning events
        )
        select limited, at + interval '1 ms' as "startedAt", events, history.tokens, turns
        from conversation cross join history left join account on true left join log on true`.pipe(
        Effect.map((rows) => rows[0]),
        Effect.orDie,
      )
    }

    /** Ends a run, once: false when it had ended before, or its conversation is gone. */
    const end = (run: Ended) =>
      sql`
        with closed as (
          update generations
          set state = ${run.outcome}, ended_at = ${run.now},
            answer_id = case when ${run.saidAnything} then answer_id end
          where id = ${run.id} and state = 'running' returning id
        ), logged as (
          insert into generation_log (generation_id, first_seq, events)
          select id, ${run.events[0]?.seq ?? 0}::int, ${JSON.stringify(run.events)}::json from closed
        ), ${conversations.parts.extended(run.answerId, run.text, sql`closed`)},
        ${usage.parts.settled(run.id, run.usage, run.now)}
        select id from closed`.pipe(
        Effect.map((rows) => rows.length === 1),
        Effect.orDie,
      )

    return { begin, end }
  }),
}) {}
