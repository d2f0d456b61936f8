import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { Conversations } from "../../conversations/Conversations"
import type { ChatMessage, ExchangeTarget, MessageId } from "../../conversations/Conversations/Model"
import { Models } from "../../models/Models"
import { Usage } from "../../operations/Usage"
import type { ModelCall, Pricing, UsedTokens } from "../../operations/Usage/Model"
import type { Actor } from "../../shared/Actor"
import type { GenerationStart } from "./initialEvents"
import type { GenerationEvent, GenerationId, TerminalState } from "./Model"

interface StartInput {
  readonly call: ModelCall & { readonly id: GenerationId }
  readonly target: ExchangeTarget
  readonly answerId: MessageId
  /** The maximum size of the conversation's end that is sent to the model, in tokens. */
  readonly budget: number
  /** The size of the system prompt, in tokens. */
  readonly systemTokens: number
  readonly maxOutputTokens: number
  readonly owner: number
  readonly now: Date
}

interface FinishInput {
  readonly id: GenerationId
  readonly answerId: MessageId
  readonly state: TerminalState
  readonly usage: UsedTokens
  /** Null when the price is unknown. */
  readonly price: Pricing | null
  /** The events that are not in the database yet, the terminal one last. */
  readonly events: ReadonlyArray<GenerationEvent>
  /** The text of those events. */
  readonly text: string
  readonly hasContent: boolean
  readonly now: Date
}

/** The result of starting a generation; nothing was written when `limited` is null. */
interface StartResult extends GenerationStart {
  /** Whether the user has a token limit; null when that limit does not cover the generation. */
  readonly limited: boolean | null
  /** The messages to send to the model, the prompt last. */
  readonly messages: ReadonlyArray<ChatMessage>
  /** An estimate of the messages' size, in tokens. */
  readonly tokens: number
  /** How many messages were deleted because they followed the regenerated prompt. */
  readonly deletedCount: number
}

interface StartRow extends Omit<StartResult, "messages"> {
  readonly attachments: ChatMessage["attachments"]
  readonly turns: ReadonlyArray<
    readonly [role: ChatMessage["role"], content: string, attachments: ChatMessage["attachments"]]
  >
}

const toStartResult = ({ turns, attachments, ...row }: StartRow): StartResult => ({
  ...row,
  messages: [
    ...turns.map(([role, content, attachments]): ChatMessage => ({ role, content, attachments })),
    { role: "user", content: row.content, attachments },
  ],
})

/**
 * The SQL that starts and finishes a generation: one statement each, composed of CTEs that the services
 * involved provide. A statement is a transaction, and each round trip saved is time before the first
 * token. Both lock the conversation first, then the usage account, then the day: statements that took
 * these locks in different orders would deadlock.
 */
export class GenerationTransitionsRepo extends Effect.Service<GenerationTransitionsRepo>()(
  "GenerationTransitionsRepo",
  {
    effect: Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { ctes } = yield* Conversations
      const usage = yield* Usage
      const models = yield* Models

      /** Inserts a running generation. Returns undefined when the actor has no such target. */
      const start = (actor: Actor, input: StartInput) => {
        const { id, model } = input.call
        const call = { ...input.call, price: models.priceOf(model) }
        return sql<StartRow>`
        with ${ctes.lockTargetCte(actor, input)},
        ${ctes.contextWindowCte(input.budget)},
        cost as (
          select tokens + ${input.systemTokens + input.maxOutputTokens}::int as tokens
          from target cross join context_window
        ),
        ${usage.ctes.reserveCte(actor.userId, call, input.now, sql`cost`)},
        source as (select target.*, user_id, ${input.answerId}::uuid as answer_id from target cross join account),
        ${ctes.insertExchangeCte(input)},
        generation as (
          insert into generations
            (id, user_id, conversation_id, prompt_id, answer_id, model, owner, started_at, prompt_tokens)
          select ${id}::uuid, user_id, id, prompt_id, answer_id, ${model}, ${input.owner}, answer_at,
            context_window.tokens + ${input.systemTokens}::int
          from source cross join context_window
        )
        select limited, target.id as "conversationId", prompt_id as "promptId", previous_id as "previousId",
          content, attachments, prompt_at as "promptedAt", answer_at as "startedAt", turns, context_window.tokens,
          ${ctes.deletedCount(input)} as "deletedCount"
        from target cross join context_window left join account on true`.pipe(
          Effect.map(([row]) => row && toStartResult(row)),
          Effect.orDie,
        )
      }

      /**
       * Moves a running generation to a terminal state. Idempotent. Returns false when it had ended
       * before or its conversation was deleted.
       */
      const finish = (input: FinishInput) =>
        sql`
        with ${ctes.lockConversationCte(input.id)},
        finished as (
          update generations g
          set state = ${input.state}, ended_at = ${input.now},
            answer_id = case when ${input.hasContent}
              or exists (select from messages m where m.id = g.answer_id and m.content <> '') then answer_id end
          from locked where g.id = ${input.id} and state = 'running' returning g.id, conversation_id, prompt_id
        ), final_events as (
          insert into generation_log (generation_id, first_seq, events)
          select id, ${input.events[0]?.seq ?? 0}::int, ${JSON.stringify(input.events)}::json from finished
        ), ${ctes.completeAnswerCte(input.answerId, input.text, sql`finished`)},
        ${ctes.addTokensCte(input.usage, sql`finished`)},
        ${usage.ctes.settleCte(input.id, input.usage, input.price, input.now, sql`locked`)}
        select id from finished`.pipe(
          Effect.map((rows) => rows.length === 1),
          Effect.orDie,
        )

      return { start, finish }
    }),
  },
) {}
