import { SqlClient } from "@effect/sql"
import { Deferred, Effect } from "effect"
import { Conversations } from "../../conversations/Conversations"
import type { MessageId } from "../../conversations/Conversations/Model"
import { withTransaction } from "../../shared/Transaction"
import { concatDeltas, type EventBuffer } from "./EventBuffer"
import type { GenerationEvent, GenerationId } from "./Model"
import { GenerationsRepo } from "./Repo"

/** The part of an active generation that checkpoints need. */
interface Pending {
  readonly id: GenerationId
  readonly answerId: MessageId
  readonly buffer: EventBuffer
  /** Set while a checkpoint of it is being written; finalizing waits for that. */
  checkpointing: Deferred.Deferred<void> | undefined
}

const promptIds = (events: ReadonlyArray<GenerationEvent>) =>
  events.flatMap((event) => (event.type === "prompt" ? [event.messageId] : []))

/** Persists partial answers periodically, off the path on which tokens reach subscribers. */
export class Checkpointer extends Effect.Service<Checkpointer>()("Checkpointer", {
  dependencies: [GenerationsRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* GenerationsRepo
    const conversations = yield* Conversations

    /**
     * Reads how far a generation's log is persisted, after a write whose result is unknown. Returns
     * false when nothing more can be written: the generation has ended or was deleted.
     */
    const resyncOffset = Effect.fnUntraced(function* ({ id, buffer }: Pick<Pending, "id" | "buffer">) {
      const seq = yield* repo.lastSeq(id)
      if (seq !== undefined) buffer.markPersisted(seq)
      return seq !== undefined
    })

    /**
     * Persists the new events of all these generations in one transaction, each from its last
     * checkpoint. Calls `onOrphaned` for those that another node has ended or that were deleted. Logs
     * failures: the next checkpoint writes the same events again.
     */
    const checkpoint = Effect.fnUntraced(function* <G extends Pending>(
      generations: ReadonlyArray<G>,
      onOrphaned: (generation: G) => Effect.Effect<void>,
    ) {
      const batches = generations
        .map((generation) => ({
          generation,
          id: generation.id,
          events: generation.buffer.unpersisted(),
        }))
        .filter(({ events }) => events.length > 0)
      if (batches.length === 0) return
      const completed = yield* Deferred.make<void>()
      for (const { generation } of batches) generation.checkpointing = completed
      const append = Effect.gen(function* () {
        const appended = new Set(yield* repo.append(batches))
        const tails = batches
          .filter(({ id }) => appended.has(id))
          .map(({ generation, events }) => ({ id: generation.answerId, text: concatDeltas(events) }))
        yield* conversations.appendContent(tails.filter(({ text }) => text !== ""))
        return appended
      }).pipe(transaction)
      yield* Effect.gen(function* () {
        const appended = yield* append
        for (const { generation, id, events } of batches) {
          const { buffer } = generation
          if (appended.has(id)) buffer.markPersisted(events.at(-1)?.seq ?? buffer.lastSeq)
          else if (!(yield* resyncOffset(generation))) yield* onOrphaned(generation)
        }
        const persisted = batches.filter(({ id }) => appended.has(id))
        yield* conversations.indexForSearch(persisted.flatMap(({ events }) => promptIds(events)))
      }).pipe(
        Effect.catchAllCause((cause) =>
          Effect.annotateLogs(Effect.logWarning("generation checkpoint failed", cause), {
            generations: batches.length,
          }),
        ),
        Effect.ensuring(
          Effect.suspend(() => {
            for (const { generation } of batches) generation.checkpointing = undefined
            return Deferred.succeed(completed, undefined)
          }),
        ),
      )
    }, Effect.uninterruptible)

    return { checkpoint, resyncOffset }
  }),
}) {}
