import { SqlClient } from "@effect/sql"
import { Deferred, Effect } from "effect"
import { Conversations } from "../../conversations/Conversations"
import type { MessageId } from "../../conversations/Conversations/Model"
import { withTransaction } from "../../shared/Transaction"
import { type LiveLog, textOf } from "./EventBuffer"
import type { GenerationEvent, GenerationId } from "./Model"
import { GenerationRepo } from "./Repo"

/** A run, as far as writing it down goes. */
interface Unsaved {
  readonly id: GenerationId
  readonly answerId: MessageId
  readonly log: LiveLog
  /** Set while it is being written down; its ending waits for that. */
  saving: Deferred.Deferred<void> | undefined
}

const promptOf = (events: ReadonlyArray<GenerationEvent>) =>
  events.flatMap((event) => (event.type === "prompt" ? [event.messageId] : []))

/** Writes down what runs have said, off the way that their words take to readers. */
export class RunSaving extends Effect.Service<RunSaving>()("RunSaving", {
  dependencies: [GenerationRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* GenerationRepo
    const conversations = yield* Conversations

    /**
     * Finds out how far a run is written down, after a write of which nobody knows how it ended.
     * False when there is nothing more to write: the run is over, or gone.
     */
    const resync = Effect.fnUntraced(function* ({ id, log }: Pick<Unsaved, "id" | "log">) {
      const seq = yield* repo.lastSeq(id)
      if (seq !== undefined) log.saved(seq)
      return seq !== undefined
    })

    /**
     * All of them in one go, each from where it was written down last. Those that were ended or deleted
     * by somebody else are given to `lost`.
     */
    const save = Effect.fnUntraced(function* <R extends Unsaved>(
      runs: ReadonlyArray<R>,
      lost: (run: R) => Effect.Effect<void>,
    ) {
      const batches = runs
        .map((run) => ({ run, id: run.id, events: run.log.unsaved() }))
        .filter(({ events }) => events.length > 0)
      if (batches.length === 0) return
      const saving = yield* Deferred.make<void>()
      for (const { run } of batches) run.saving = saving
      const append = Effect.gen(function* () {
        const appended = new Set(yield* repo.append(batches))
        const written = batches.filter(({ id }) => appended.has(id))
        const tails = written.map(({ run, events }) => ({ id: run.answerId, text: textOf(events) }))
        yield* conversations.extendAnswers(tails.filter(({ text }) => text !== ""))
        return appended
      }).pipe(transaction)
      yield* Effect.gen(function* () {
        const appended = yield* append
        for (const { run, id, events } of batches) {
          if (appended.has(id)) run.log.saved(events.at(-1)?.seq ?? run.log.lastSeq)
          else if (!(yield* resync(run))) yield* lost(run)
        }
        const opened = batches.filter(({ id }) => appended.has(id))
        yield* conversations.makeSearchable(opened.flatMap(({ events }) => promptOf(events)))
      }).pipe(
        Effect.catchAllCause((cause) => Effect.logWarning("A checkpoint could not be written", cause)),
        Effect.ensuring(
          Effect.suspend(() => {
            for (const { run } of batches) run.saving = undefined
            return Deferred.succeed(saving, undefined)
          }),
        ),
      )
    }, Effect.uninterruptible)

    return { save, resync }
  }),
}) {}
