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
import { type ModelError, ModelSaidNothing, type Spoken } from "../../models/LanguageModel"
import { Node } from "../../shared/Node"
import type { NewRun, Run } from "./ActiveGeneration"
import { RunSaving } from "./Checkpointer"
import { describeFailure } from "./Errors"
import { LiveLog } from "./EventBuffer"
import { estimatedUsage, RunClosing } from "./GenerationFinalizer"
import { internalFailure } from "./internalError"
import { type Ending, type GenerationId, GenerationSettings, isEnding } from "./Model"
import { GenerationRepo } from "./Repo"

/** How long a finished log stays in memory for those who are still reading it. */
const linger = Duration.seconds(3)

const running = Metric.gauge("parley_generations_running", { description: "Answers being written now" })
const endings = Metric.counter("parley_generations_total", {
  description: "Answers that have ended, by outcome",
  incremental: true,
})

class EndingNotWritten extends Data.TaggedError("EndingNotWritten")<{ readonly cause: Cause.Cause<never> }> {}

/** While the database is away an ending is tried again, for as long as it may be restarting. */
const whileDatabaseIsAway = Schedule.exponential(Duration.millis(100)).pipe(
  Schedule.union(Schedule.spaced(Duration.seconds(5))),
  Schedule.upTo(Duration.minutes(10)),
)

/** The runs that this process is writing. Their fibers belong to it, not to any request. */
export class Runs extends Effect.Service<Runs>()("Runs", {
  dependencies: [RunClosing.Default, RunSaving.Default, GenerationRepo.Default],
  scoped: Effect.gen(function* () {
    const repo = yield* GenerationRepo
    const node = yield* Node
    const closing = yield* RunClosing
    const saving = yield* RunSaving
    const settings = yield* GenerationSettings
    const scope = yield* Effect.scope
    const fibers = yield* FiberSet.make<void>()
    const runs = new Map<GenerationId, Run>()
    let hopeless = false

    const endingOf = (run: Run, exit: Exit.Exit<Spoken, ModelError>): Ending => {
      const { cutShort, log, promptTokens } = run
      const estimate = estimatedUsage(promptTokens, log.text)
      if (Exit.isSuccess(exit)) {
        return { type: "completed", reason: exit.value.reason, usage: exit.value.usage ?? estimate }
      }
      const asked = estimatedUsage(promptTokens, log.text, run.asked)
      const wasCut = Cause.isInterruptedOnly(exit.cause)
      if (wasCut && cutShort !== "length") return { type: cutShort, usage: asked }
      if (wasCut && log.text !== "") return { type: "completed", reason: "length", usage: asked }
      const error = wasCut
        ? new ModelSaidNothing({ reason: "length", usage: asked })
        : Option.getOrUndefined(Cause.failureOption(exit.cause))
      if (error === undefined) return { type: "failed", error: internalFailure, usage: estimate }
      const usage = error._tag === "ModelSaidNothing" ? (error.usage ?? asked) : estimate
      return { type: "failed", error: describeFailure(error), usage }
    }

    /** Writes the ending down and only then shows it to readers. */
    const end = Effect.fn("Runs.end")(function* (run: Run, exit: Exit.Exit<Spoken, ModelError>) {
      if (Exit.isFailure(exit) && Option.isSome(Cause.dieOption(exit.cause))) {
        yield* Effect.logError("A run died of a bug", exit.cause)
      }
      run.closing = true
      run.log.finishSpeaking()
      if (run.saving !== undefined) yield* Deferred.await(run.saving)
      const ending = endingOf(run, exit)
      const close = Effect.suspend(() => {
        const { id, model, answerId, log } = run
        const unsaved = [...log.unsaved(), { ...ending, seq: log.lastSeq + 1 }]
        return closing.close({ id, model, answerId, unsaved, ending, saidAnything: log.text !== "" })
      })
      const closed = yield* close.pipe(
        Effect.catchAllCause((cause) => new EndingNotWritten({ cause })),
        Effect.tapError(({ cause }) => Effect.logWarning("The ending of a run could not be written", cause)),
        Effect.tapError(() => Effect.catchAllCause(saving.resync(run), () => Effect.void)),
        Effect.retry({ schedule: whileDatabaseIsAway, while: () => !hopeless }),
        Effect.catchTag("EndingNotWritten", () =>
          Effect.as(Effect.logError("Given up: whoever looks for lost runs closes this one"), true),
        ),
      )
      // Closed by another node meanwhile, which took this one for dead: what it wrote down holds.
      const other = closed ? undefined : (yield* repo.read(run.id, run.log.lastSeq)).find(isEnding)
      run.log.end(other ?? { ...ending, seq: run.log.lastSeq + 1 })
      yield* Deferred.succeed(run.over, undefined)
      yield* Metric.increment(Metric.tagged(endings, "outcome", (other ?? ending).type))
    })

    const forget = (run: Run) =>
      Effect.sync(() => runs.delete(run.id)).pipe(
        Effect.delay(linger),
        Effect.interruptible,
        Effect.forkIn(scope),
        Effect.asVoid,
      )

    /**
     * Lets a run go, by itself, from here to its end. Its fiber starts at once and not when this
     * one rests: the model is asked before anything else is done.
     */
    const begin = Effect.fnUntraced(function* (newRun: NewRun) {
      const runtime = yield* Effect.runtime()
      const run: Run = {
        ...newRun,
        log: new LiveLog(newRun.opening, Duration.toMillis(settings.coalesce)),
        over: Deferred.unsafeMake(FiberId.none),
        due: (yield* Clock.currentTimeMillis) + Duration.toMillis(settings.longest),
        asked: false,
        fiber: undefined,
        cutShort: "interrupted",
        saving: undefined,
        closing: false,
      }
      runs.set(run.id, run)
      const asking = () => {
        run.asked = true
      }
      const whole = Effect.exit(Effect.interruptible(run.speak(run.log, asking))).pipe(
        Effect.flatMap((exit) => end(run, exit)),
        Effect.zipRight(forget(run)),
        Effect.annotateLogs("generation", run.id),
        Effect.uninterruptible,
      )
      run.fiber = Runtime.runFork(runtime, whole)
      FiberSet.unsafeAdd(fibers, run.fiber)
    })

    /** Cuts a run short and waits until that is written down. False when it is not run here. */
    const cut = Effect.fnUntraced(function* (id: GenerationId, as: "stopped" | "interrupted") {
      const run = runs.get(id)
      if (run?.fiber === undefined) return false
      if (!run.closing) run.cutShort = as
      yield* Fiber.interruptFork(run.fiber)
      yield* Deferred.await(run.over)
      return true
    })

    const unfinished = () => [...runs.values()].filter((run) => !run.log.ended)

    /** Waits for all runs to end, and cuts short those that go on after the time to drain. */
    const drain = Effect.gen(function* () {
      yield* Effect.forEach(unfinished(), (run) => Deferred.await(run.over), {
        concurrency: "unbounded",
      }).pipe(
        Effect.timeout(settings.drain),
        Effect.catchTag("TimeoutException", () => {
          hopeless = true
          return Effect.forEach(unfinished(), (run) => cut(run.id, "interrupted"), {
            concurrency: "unbounded",
          })
        }),
      )
    })

    /** Ends the answers of models that go on for too long: what they have said so far is the answer. */
    const endEndless = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      for (const run of runs.values()) {
        if (run.closing || run.fiber === undefined) continue
        if (now < run.due && run.log.text.length < settings.mostText) continue
        run.cutShort = "length"
        yield* Fiber.interruptFork(run.fiber)
      }
    })

    /** Its model need say no more: it is over, or gone, and nothing of it is written any more. */
    const abandon = ({ fiber }: Run) => (fiber === undefined ? Effect.void : Fiber.interruptFork(fiber))

    /** What became of the runs in the database, when a wish to stop one may not have been heard. */
    const catchUp = Effect.gen(function* () {
      const going = unfinished()
      const stored = new Map((yield* repo.orphansOf(node.id)).map((run) => [run.id, run]))
      yield* Effect.forEach(
        going.filter(({ closing }) => !closing),
        (run) => {
          const found = stored.get(run.id)
          if (found === undefined) return abandon(run)
          return found.stopRequested ? Effect.forkIn(cut(run.id, "stopped"), scope) : Effect.void
        },
        { discard: true },
      )
    })

    const checkpoint = Effect.gen(function* () {
      yield* Metric.set(running, unfinished().length)
      yield* endEndless
      yield* saving.save(
        [...runs.values()].filter((run) => !run.closing),
        abandon,
      )
    })

    yield* checkpoint.pipe(Effect.repeat(Schedule.spaced(settings.checkpoint)), Effect.forkScoped)

    return {
      begin,
      cut,
      catchUp,
      drain,
      /** How many are being written. */
      underWay: Effect.sync(() => unfinished().length),
      log: (id: GenerationId) => runs.get(id)?.log,
      has: (id: GenerationId) => runs.has(id),
    }
  }),
}) {}
