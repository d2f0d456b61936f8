import { SqlClient } from "@effect/sql"
import {
  Cause,
  Clock,
  Data,
  Deferred,
  Duration,
  Effect,
  Exit,
  Fiber,
  FiberId,
  FiberSet,
  Metric,
  Option,
  Runtime,
  Schedule,
} from "effect"
import { Files } from "../../files/Files"
import { AccountClosures } from "../../identity/AccountClosures"
import { LanguageModel, type ModelError, type StreamResult } from "../../models/LanguageModel"
import { ModelCatalog } from "../../models/ModelCatalog"
import { ModelStreams } from "../../operations/ModelStreams"
import { ChangeFeed } from "../../shared/ChangeFeed"
import { Node } from "../../shared/Node"
import type { ActiveGeneration, PreparedGeneration } from "./ActiveGeneration"
import * as Checkpoint from "./Checkpoint"
import { EventBuffer } from "./EventBuffer"
import { GenerationFinalizer } from "./GenerationFinalizer"
import { loadAttachments } from "./loadAttachments"
import { type GenerationId, GenerationSettings, isTerminal } from "./Model"
import { GenerationsRepo } from "./Repo"
import { terminalEventOf } from "./Rules"

/** How long the events of an ended generation stay in memory, for subscribers that are still reading. */
const retentionAfterEnd = Duration.seconds(3)

const running = Metric.gauge("parley_generations_running", { description: "Generations running now" })
const completions = Metric.counter("parley_generations_total", {
  description: "Generations that have ended, by outcome",
  incremental: true,
})

class FinalizeFailed extends Data.TaggedError("FinalizeFailed")<{ readonly cause: Cause.Cause<never> }> {}

/** Retries for ten minutes, long enough for a database restart. */
const finalizeRetrySchedule = Schedule.exponential(Duration.millis(100)).pipe(
  Schedule.union(Schedule.spaced(Duration.seconds(5))),
  Schedule.upTo(Duration.minutes(10)),
)

/** Runs the generations of this process. Their fibers belong to the process, not to any request. */
export class GenerationRunner extends Effect.Service<GenerationRunner>()("GenerationRunner", {
  dependencies: [GenerationFinalizer.Default, GenerationsRepo.Default],
  scoped: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const repo = yield* GenerationsRepo
    const node = yield* Node
    const files = yield* Files
    const languageModel = yield* LanguageModel
    const catalog = yield* ModelCatalog
    const modelStreams = yield* ModelStreams
    const finalizer = yield* GenerationFinalizer
    const feed = yield* ChangeFeed
    const closures = yield* AccountClosures
    const settings = yield* GenerationSettings
    const scope = yield* Effect.scope
    const fibers = yield* FiberSet.make<void>()
    const generations = new Map<GenerationId, ActiveGeneration>()
    let drainTimedOut = false

    /** Streams the model's answer into the buffer. Interruption aborts the provider's call. */
    const callModel = Effect.fnUntraced(function* (generation: ActiveGeneration) {
      const { id, actor, buffer, model, request } = generation
      const messages = yield* loadAttachments(files, actor, generation.messages)
      generation.requestSent = true
      const stop = () => {
        generation.interruptReason = "stopped"
      }
      return yield* modelStreams
        .track(
          { id, userId: actor.userId, provider: catalog.providerOf(model) ?? "unknown" },
          languageModel.stream(
            { ...request, messages },
            (text) => buffer.append(text),
            (text) => buffer.appendReasoning(text),
          ),
        )
        .pipe(closures.interruptOnClosure(actor.userId, stop))
    })

    /**
     * Persists a generation's terminal event, and only then shows it to subscribers. Retries while the
     * database is unavailable; gives up when draining has timed out, and leaves the generation to the
     * orphan reaper.
     */
    const finalize = Effect.fn("GenerationRunner.finalize")(function* (
      generation: ActiveGeneration,
      exit: Exit.Exit<StreamResult, ModelError>,
    ) {
      const { id, model, answerId, buffer } = generation
      if (Exit.isFailure(exit) && Option.isSome(Cause.dieOption(exit.cause))) {
        yield* Effect.logError("generation died", exit.cause)
      }
      generation.finalizing = true
      buffer.flush()
      if (generation.checkpointing !== undefined) yield* Deferred.await(generation.checkpointing)
      const terminalEvent = terminalEventOf(generation, exit)
      let attempt = 0
      const persist = Effect.suspend(() => {
        attempt++
        const unpersisted = [...buffer.unpersisted(), { ...terminalEvent, seq: buffer.lastSeq + 1 }]
        const hasContent = buffer.text !== ""
        const reasoning = buffer.unpersistedReasoning()
        return finalizer.finalize({ id, model, answerId, unpersisted, reasoning, terminalEvent, hasContent })
      })
      const isFinalized = yield* persist.pipe(
        Effect.catchAllCause((cause) => new FinalizeFailed({ cause })),
        Effect.tapError(({ cause }) =>
          Effect.annotateLogs(Effect.logWarning("generation finalize failed", cause), { attempt }),
        ),
        Effect.tapError(() =>
          Effect.catchAllCause(Checkpoint.resyncOffset(repo, generation), () => Effect.void),
        ),
        Effect.retry({ schedule: finalizeRetrySchedule, while: () => !drainTimedOut }),
        Effect.catchTag("FinalizeFailed", () =>
          Effect.logError("generation finalize abandoned, leaving it to the orphan reaper").pipe(
            Effect.annotateLogs({ attempt }),
            Effect.as(true),
          ),
        ),
      )
      // Another node may have taken this one for dead and finalized the generation: its event is the valid one.
      const persisted = isFinalized ? undefined : (yield* repo.read(id, buffer.lastSeq)).find(isTerminal)
      buffer.finish(persisted ?? { ...terminalEvent, seq: buffer.lastSeq + 1 })
      yield* Deferred.succeed(generation.finished, undefined)
      yield* feed.publishLater({
        entity: "message",
        action: "updated",
        id: answerId,
        chatId: generation.conversationId,
        userIds: [generation.actor.userId],
      })
      yield* Metric.increment(Metric.tagged(completions, "outcome", (persisted ?? terminalEvent).type))
    })

    const evictLater = ({ id }: ActiveGeneration) =>
      Effect.sync(() => generations.delete(id)).pipe(
        Effect.delay(retentionAfterEnd),
        Effect.interruptible,
        Effect.forkIn(scope),
        Effect.asVoid,
      )

    /**
     * Runs a generation in a fiber of its own until it has ended. The fiber starts immediately instead
     * of when this one yields, so that the provider is called before anything else is done.
     */
    const start = Effect.fnUntraced(function* (prepared: PreparedGeneration) {
      const runtime = yield* Effect.runtime()
      const generation: ActiveGeneration = {
        ...prepared,
        buffer: new EventBuffer(prepared.initialEvents, Duration.toMillis(settings.coalesceWindow)),
        finished: Deferred.unsafeMake(FiberId.none),
        deadline: (yield* Clock.currentTimeMillis) + Duration.toMillis(settings.maxDuration),
        requestSent: false,
        fiber: undefined,
        interruptReason: "interrupted",
        checkpointing: undefined,
        finalizing: false,
      }
      generations.set(generation.id, generation)
      const lifecycle = Effect.exit(Effect.interruptible(callModel(generation))).pipe(
        Effect.flatMap((exit) => finalize(generation, exit)),
        Effect.zipRight(evictLater(generation)),
        Effect.annotateLogs("generation", generation.id),
        Effect.uninterruptible,
      )
      generation.fiber = Runtime.runFork(runtime, lifecycle)
      FiberSet.unsafeAdd(fibers, generation.fiber)
    })

    /**
     * Interrupts a generation, which aborts the provider's call, and waits until its terminal event is
     * persisted. Returns false when this process does not run it.
     */
    const interrupt = Effect.fnUntraced(function* (id: GenerationId, reason: "stopped" | "interrupted") {
      const generation = generations.get(id)
      if (generation?.fiber === undefined) return false
      if (!generation.finalizing) generation.interruptReason = reason
      yield* Fiber.interruptFork(generation.fiber)
      yield* Deferred.await(generation.finished)
      return true
    })

    const active = () => [...generations.values()].filter(({ buffer }) => !buffer.ended)

    /** Waits for all generations to end, and interrupts those still running after the drain timeout. */
    const drain = Effect.gen(function* () {
      yield* Effect.forEach(active(), ({ finished }) => Deferred.await(finished), {
        concurrency: "unbounded",
      }).pipe(
        Effect.timeout(settings.drainTimeout),
        Effect.catchTag("TimeoutException", () => {
          drainTimedOut = true
          return Effect.forEach(active(), ({ id }) => interrupt(id, "interrupted"), {
            concurrency: "unbounded",
          })
        }),
      )
    })

    /** Ends generations that exceed the maximum duration or length; the text so far becomes the answer. */
    const enforceLimits = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      for (const generation of generations.values()) {
        if (generation.finalizing || generation.fiber === undefined) continue
        const { reasoning, text } = generation.buffer
        if (now < generation.deadline && reasoning.length + text.length < settings.maxAnswerChars) continue
        generation.interruptReason = "length"
        yield* Fiber.interruptFork(generation.fiber)
      }
    })

    /** Aborts the model call of a generation that has ended in the database or was deleted. */
    const discard = ({ fiber }: ActiveGeneration) =>
      fiber === undefined ? Effect.void : Fiber.interruptFork(fiber)

    /**
     * Compares the active generations with the database, after stop notifications may have been missed:
     * stops those with a stop request and discards those that have ended or were deleted.
     */
    const reconcile = Effect.gen(function* () {
      const candidates = active()
      const stored = new Map((yield* repo.orphansOf(node.id)).map((row) => [row.id, row]))
      yield* Effect.forEach(
        candidates.filter(({ finalizing }) => !finalizing),
        (generation) => {
          const row = stored.get(generation.id)
          if (row === undefined) return discard(generation)
          return row.stopRequested ? Effect.forkIn(interrupt(generation.id, "stopped"), scope) : Effect.void
        },
        { discard: true },
      )
    })

    const checkpoint = Effect.gen(function* () {
      yield* Metric.set(running, active().length)
      yield* enforceLimits
      const unfinished = [...generations.values()].filter(({ finalizing }) => !finalizing)
      yield* Effect.forEach(yield* Checkpoint.checkpoint(sql, repo, unfinished), discard, { discard: true })
    })

    yield* checkpoint.pipe(Effect.repeat(Schedule.spaced(settings.checkpointInterval)), Effect.forkScoped)

    return {
      start,
      interrupt,
      reconcile,
      drain,
      /** The number of generations that this process is running. */
      activeCount: Effect.sync(() => active().length),
      /** Returns a generation's event buffer, or undefined when it is not in memory. */
      buffer: (id: GenerationId) => generations.get(id)?.buffer,
      has: (id: GenerationId) => generations.has(id),
    }
  }),
}) {}
