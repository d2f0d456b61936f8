import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { Conversations } from "../../conversations/Conversations"
import type { MessageId, Place, StoredTurn } from "../../conversations/Conversations/Model"
import { Models } from "../../models/Models"
import { Usage } from "../../operations/Usage"
import type { Call, CallPrice, UsedTokens } from "../../operations/Usage/Model"
import type { Actor } from "../../shared/Actor"
import type { Opening } from "./initialEvents"
import type { GenerationEvent, GenerationId, Outcome } from "./Model"

interface Beginning {
  readonly call: Call & { readonly id: GenerationId }
  readonly place: Place
  readonly answerId: MessageId
  /** How much of the conversation's end the model is told, in tokens. */
  readonly budget: number
  /** What it is told beside that, in tokens. */
  readonly systemTokens: number
  /** The most that it may answer, in tokens. */
  readonly mostTokens: number
  readonly owner: number
  readonly now: Date
}

interface Ended {
  readonly id: GenerationId
  readonly answerId: MessageId
  readonly outcome: Outcome
  readonly usage: UsedTokens
  /** Null when it is not known. */
  readonly price: CallPrice | null
  /** What the log has that the database has not, the ending last. */
  readonly events: ReadonlyArray<GenerationEvent>
  /** The text of those events. */
  readonly text: string
  readonly saidAnything: boolean
  readonly now: Date
}

/** What became of a beginning: `limited` is null when the user's limit does not cover it. */
interface Begun extends Opening {
  readonly limited: boolean | null
  /** What the model is told, the prompt last. */
  readonly turns: ReadonlyArray<StoredTurn>
  /** An estimate of how many tokens the turns are. */
  readonly tokens: number
  /** How many messages went, because they followed a prompt that is answered again. */
  readonly removed: number
}

interface BegunRow extends Omit<Begun, "turns"> {
  readonly attachments: StoredTurn["attachments"]
  readonly turns: ReadonlyArray<
    readonly [role: StoredTurn["role"], content: string, attachments: StoredTurn["attachments"]]
  >
}

const toBegun = (row: BegunRow): Begun => {
  const said = row.turns.map(([role, content, attachments]): StoredTurn => ({ role, content, attachments }))
  return { ...row, turns: [...said, { role: "user", content: row.content, attachments: row.attachments }] }
}

/**
 * How a run comes to be and how it ends: one statement each, made of the parts that the rooms
 * concerned lend. A statement is a transaction, and each round trip saved is time before the
 * first token. Both lock the conversation first, the account after it and the day last: two that
 * took them in different orders would wait for one another.
 */
export class Transitions extends Effect.Service<Transitions>()("Transitions", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { parts } = yield* Conversations
    const usage = yield* Usage
    const models = yield* Models

    /** Nothing at all when there is no such place for the actor to write to. */
    const begin = (actor: Actor, run: Beginning) => {
      const { id, model } = run.call
      const call = { ...run.call, price: models.priceOf(model) }
      return sql<BegunRow>`
        with ${parts.located(actor, run)},
        ${parts.history(run.budget)},
        cost as (select tokens + ${run.systemTokens + run.mostTokens}::int as tokens from place cross join history),
        ${usage.parts.reserved(actor.userId, call, run.now, sql`cost`)},
        given as (select place.*, user_id, ${run.answerId}::uuid as answer_id from place cross join account),
        ${parts.exchanged(run)},
        generation as (
          insert into generations
            (id, user_id, conversation_id, prompt_id, answer_id, model, owner, started_at, prompt_tokens)
          select ${id}::uuid, user_id, id, prompt_id, answer_id, ${model}, ${run.owner}, answer_at,
            history.tokens + ${run.systemTokens}::int
          from given cross join history
        )
        select limited, place.id as "conversationId", prompt_id as "promptId", previous_id as "previousId",
          content, attachments, prompt_at as "promptedAt", answer_at as "startedAt", turns, history.tokens,
          ${parts.removed(run)} as removed
        from place cross join history left join account on true`.pipe(
        Effect.map(([row]) => row && toBegun(row)),
        Effect.orDie,
      )
    }

    /** Ends a run, once: false when it had ended before, or its conversation is gone. */
    const end = (run: Ended) =>
      sql`
        with ${parts.lockedFor(run.id)},
        closed as (
          update generations g
          set state = ${run.outcome}, ended_at = ${run.now},
            answer_id = case when ${run.saidAnything}
              or exists (select from messages m where m.id = g.answer_id and m.content <> '') then answer_id end
          from locked where g.id = ${run.id} and state = 'running' returning g.id, conversation_id, prompt_id
        ), logged as (
          insert into generation_log (generation_id, first_seq, events)
          select id, ${run.events[0]?.seq ?? 0}::int, ${JSON.stringify(run.events)}::json from closed
        ), ${parts.finished(run.answerId, run.text, sql`closed`)},
        ${parts.counted(run.usage, sql`closed`)},
        ${usage.parts.settled(run.id, run.usage, run.price, run.now, sql`locked`)}
        select id from closed`.pipe(
        Effect.map((rows) => rows.length === 1),
        Effect.orDie,
      )

    return { begin, end }
  }),
}) {}
