import type { SqlClient } from "@effect/sql"
import { Deferred, Effect } from "effect"
import type { MessageId } from "../../conversations/Conversations/Model"
import { execute, findAll } from "../../shared/Rows"
import type { ActiveGeneration } from "./ActiveGeneration"
import { concatDeltas } from "./EventBuffer"
import type { GenerationEvent, GenerationId, ReasoningPiece } from "./Model"
import { GenerationRef, type GenerationsRepo } from "./Repo"

/** Consecutive events and reasoning of one generation, each stored as one row. */
interface Batch {
  readonly id: GenerationId
  readonly answerId: MessageId
  readonly events: ReadonlyArray<GenerationEvent>
  readonly reasoning: ReasoningPiece
}

/** The reasoning of a generation that has none to store. */
export const noReasoning: ReasoningPiece = { offset: 0, text: "" }

/**
 * Appends batches to the logs of several generations, and their text to the answers, in one statement.
 * Returns the ids of those appended to. Skips generations that were deleted or have ended, and batches
 * stored already. Locks nothing but the answers, one per conversation.
 */
export const appendEvents = (sql: SqlClient.SqlClient, batches: ReadonlyArray<Batch>) =>
  sql`
    with batch as (
      select * from unnest(
        ${batches.map(({ id }) => id)}::uuid[],
        ${batches.map(({ answerId }) => answerId)}::uuid[],
        ${batches.map(({ events }) => events[0]?.seq ?? 0)}::int[],
        ${batches.map(({ events }) => JSON.stringify(events))}::text[],
        ${batches.map(({ events }) => concatDeltas(events))}::text[],
        ${batches.map(({ reasoning }) => reasoning.offset)}::int[],
        ${batches.map(({ reasoning }) => reasoning.text)}::text[]
      ) as batch(id, answer_id, first_seq, events, text, first_offset, reasoning)
    ), running as (
      select batch.* from batch join generations g on g.id = batch.id and g.state = 'running'
    ), logged as (
      insert into generation_log (generation_id, first_seq, events)
      select id, first_seq, events::json from running where events <> '[]'
      on conflict do nothing
      returning generation_id as id
    ), reasoned as (
      insert into generation_reasoning (generation_id, first_offset, text)
      select id, first_offset, reasoning from running where reasoning <> ''
      on conflict do nothing
      returning generation_id as id
    ), answer as (
      update messages m set content = m.content || batch.text
      from logged join batch using (id)
      where m.id = batch.answer_id and batch.text <> ''
    )
    select id from running
    where (events = '[]' or id in (select id from logged))
      and (reasoning = '' or id in (select id from reasoned))`.pipe(findAll(GenerationRef))

/**
 * Makes prompts searchable. A statement of its own, which skips rows locked by another transaction, so
 * that it waits for nothing: finalizing the generation makes its prompt searchable too.
 */
const indexForSearch = (sql: SqlClient.SqlClient, prompts: ReadonlyArray<MessageId>) =>
  prompts.length === 0
    ? Effect.void
    : sql`
        update messages set is_searchable = true where id in (
          select id from messages where id = any(${prompts}::uuid[]) and not is_searchable for update skip locked
        )`.pipe(execute)

/**
 * Reads how far a generation's log is persisted, after a write whose result is unknown. Returns false
 * when nothing more can be written: the generation has ended or was deleted.
 */
export const resyncOffset = Effect.fnUntraced(function* (
  repo: GenerationsRepo,
  { id, buffer }: ActiveGeneration,
) {
  const seq = yield* repo.lastSeq(id)
  if (seq === undefined) return false
  buffer.markPersisted(seq)
  buffer.markReasoningPersisted(yield* repo.reasoningLength(id))
  return true
})

/**
 * Persists the new events of all these generations, each from its last checkpoint, off the path on
 * which tokens reach subscribers. Returns those that another node has ended or that were deleted. Logs
 * failures: the next checkpoint writes the same events again.
 */
export const checkpoint = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  repo: GenerationsRepo,
  generations: ReadonlyArray<ActiveGeneration>,
) {
  const batches = generations
    .map((generation) => {
      const { buffer } = generation
      const reasoning = buffer.unpersistedReasoning()
      return { generation, ...generation, events: buffer.unpersisted(), reasoning }
    })
    .filter(({ events, reasoning }) => events.length > 0 || reasoning.text !== "")
  if (batches.length === 0) return []
  const completed = yield* Deferred.make<void>()
  for (const { generation } of batches) generation.checkpointing = completed
  return yield* Effect.gen(function* () {
    const appended = new Set((yield* appendEvents(sql, batches)).map(({ id }) => id))
    const orphaned: Array<ActiveGeneration> = []
    for (const { generation, id, buffer, events, reasoning } of batches) {
      const last = events.at(-1)
      if (appended.has(id)) {
        if (last !== undefined) buffer.markPersisted(last.seq)
        buffer.markReasoningPersisted(reasoning.offset + reasoning.text.length)
      } else if (!(yield* resyncOffset(repo, generation))) orphaned.push(generation)
    }
    const persisted = batches.flatMap(({ id, events }) => (appended.has(id) ? events : []))
    yield* indexForSearch(
      sql,
      persisted.flatMap((event) => (event.type === "prompt" ? [event.messageId] : [])),
    )
    return orphaned
  }).pipe(
    Effect.catchAllCause((cause) =>
      Effect.annotateLogs(Effect.logWarning("generation checkpoint failed", cause), {
        generations: batches.length,
      }).pipe(Effect.as([])),
    ),
    Effect.ensuring(
      Effect.suspend(() => {
        for (const { generation } of batches) generation.checkpointing = undefined
        return Deferred.succeed(completed, undefined)
      }),
    ),
  )
}, Effect.uninterruptible)
