import { SqlClient } from "@effect/sql"
import { Effect, Option } from "effect"
import type { ConversationId, MessageId } from "../../conversations/Conversations/Model"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { GenerationStart } from "./initialEvents"
import type { Generation, GenerationEvent, GenerationId } from "./Model"

/** A generation that is running in the database; an orphan when its node has died. */
export interface Orphan extends GenerationStart {
  readonly id: GenerationId
  readonly model: string
  readonly answerId: MessageId
  /** An estimate of the prompt's size, in tokens. */
  readonly promptTokens: number
  /** The persisted part of the answer. */
  readonly partialContent: string
  /** The number of the last persisted event, or -1. */
  readonly lastSeq: number
  readonly stopRequested: boolean
}

/** Consecutive events of one generation, stored as one row. */
interface Batch {
  readonly id: GenerationId
  readonly events: ReadonlyArray<GenerationEvent>
}

export class GenerationsRepo extends Effect.Service<GenerationsRepo>()("GenerationsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(
      `g.id, g.conversation_id as "conversationId", g.prompt_id as "promptId", g.answer_id as "answerId",
       g.model, g.state, g.started_at as "startedAt", g.ended_at as "endedAt"`,
    )
    const first = (rows: ReadonlyArray<Generation>) => Option.fromNullable(rows[0])

    /** Finds a generation of the actor's by its id or by that of its answer. */
    const find = (actor: Actor, id: GenerationId | MessageId) =>
      sql<Generation>`
        select ${columns} from generations g
        where (g.id = ${uuidOrNull(id)} or g.answer_id = ${uuidOrNull(id)}) and g.user_id = ${actor.userId}`.pipe(
        Effect.map(first),
        Effect.orDie,
      )

    /** Finds the latest generation in a conversation whose prompt has exactly this content. */
    const findByPrompt = (actor: Actor, conversationId: ConversationId, prompt: string) =>
      sql<Generation>`
        select ${columns}
        from generations g join messages m on m.id = g.prompt_id
        where g.conversation_id = ${uuidOrNull(conversationId)} and g.user_id = ${actor.userId}
          and m.content = ${prompt}
        order by g.started_at desc limit 1`.pipe(
        Effect.map((rows) => Option.fromNullable(rows[0])),
        Effect.orDie,
      )

    /** Lists the running generations of a conversation; with a message, those whose prompt or answer it is. */
    const listRunning = (actor: Actor, conversationId: ConversationId, messageId?: MessageId) =>
      sql<{ id: GenerationId }>`
        select g.id from generations g
        where g.conversation_id = ${uuidOrNull(conversationId)} and g.user_id = ${actor.userId}
          and g.state = 'running'
          and ${messageId === undefined ? sql`true` : sql`${uuidOrNull(messageId)} in (g.prompt_id, g.answer_id)`}`.pipe(
        Effect.map((rows) => rows.map(({ id }) => id)),
        Effect.orDie,
      )

    /** Records a durable stop request. Idempotent. Returns false when the generation has ended already. */
    const requestStop = (id: GenerationId, now: Date) =>
      sql`
        update generations set stop_requested_at = coalesce(stop_requested_at, ${now})
        where id = ${id} and state = 'running' returning id`.pipe(
        Effect.map((rows) => rows.length === 1),
        Effect.orDie,
      )

    /**
     * Appends batches to the logs of several generations in one statement, and returns the ids of those
     * appended to. Skips generations that were deleted or have ended, and batches stored already.
     */
    const append = (batches: ReadonlyArray<Batch>) =>
      sql<{ id: GenerationId }>`
        insert into generation_log (generation_id, first_seq, events)
        select g.id, batch.first_seq, batch.events::json
        from unnest(${batches.map((batch) => batch.id)}::uuid[],
                    ${batches.map((batch) => batch.events[0]?.seq ?? 0)}::int[],
                    ${batches.map((batch) => JSON.stringify(batch.events))}::text[])
          as batch(id, first_seq, events)
        join generations g on g.id = batch.id and g.state = 'running'
        on conflict do nothing
        returning generation_id as id`.pipe(
        Effect.map((rows) => rows.map(({ id }) => id)),
        Effect.orDie,
      )

    const lastEvent = sql.literal(`
      coalesce((select l.first_seq + json_array_length(l.events) - 1 from generation_log l
       where l.generation_id = g.id order by l.first_seq desc limit 1), -1) as "lastSeq"`)

    /** Returns the number of the last persisted event, or -1; undefined when the generation has ended or was deleted. */
    const lastSeq = (id: GenerationId) =>
      sql<{ lastSeq: number }>`
        select ${lastEvent} from generations g where g.id = ${id} and g.state = 'running'`.pipe(
        Effect.map((rows) => rows[0]?.lastSeq),
        Effect.orDie,
      )

    /** Returns a page of the persisted events after number `after`; empty when there are none (yet). */
    const read = (id: GenerationId, after: number) =>
      sql<{ events: ReadonlyArray<GenerationEvent> }>`
        select events from generation_log
        where generation_id = ${id} and first_seq >= coalesce(
          (select max(first_seq) from generation_log where generation_id = ${id} and first_seq <= ${after + 1}), 0)
        order by first_seq limit 8`.pipe(
        Effect.map((rows) => rows.flatMap((row) => row.events).filter((event) => event.seq > after)),
        Effect.orDie,
      )

    /** Returns whether a generation's log still exists. */
    const hasLog = (id: GenerationId) =>
      sql`select from generation_log where generation_id = ${id} limit 1`.pipe(
        Effect.map((rows) => rows.length > 0),
        Effect.orDie,
      )

    /** The nodes that own a running generation. */
    const runningOwners = sql<{ owner: number }>`
      select distinct owner from generations where state = 'running'`.pipe(
      Effect.map((rows) => rows.map((row) => Number(row.owner))),
      Effect.orDie,
    )

    /** Lists the generations that a node has left running, or is still running. */
    const orphansOf = (owner: number) =>
      sql<Orphan>`
        select g.id, g.model, g.answer_id as "answerId", g.prompt_tokens as "promptTokens", m.content as "partialContent",
          g.stop_requested_at is not null as "stopRequested", ${lastEvent},
          g.conversation_id as "conversationId", p.id as "promptId", p.content, p.created_at as "promptedAt",
          g.started_at as "startedAt",
          (select b.id from messages b where b.conversation_id = p.conversation_id and b.position = p.position - 1)
            as "previousId"
        from generations g join messages m on m.id = g.answer_id join messages p on p.id = g.prompt_id
        where g.owner = ${owner} and g.state = 'running'`.pipe(Effect.orDie)

    /** Deletes the logs of generations that ended before `before`; the messages stay. */
    const purgeLogs = (before: Date) =>
      sql`
        delete from generation_log l using generations g
        where g.id = l.generation_id and g.ended_at < ${before}`.pipe(Effect.orDie, Effect.asVoid)

    return {
      find,
      findByPrompt,
      listRunning,
      requestStop,
      append,
      lastSeq,
      read,
      hasLog,
      runningOwners,
      orphansOf,
      purgeLogs,
    }
  }),
}) {}
