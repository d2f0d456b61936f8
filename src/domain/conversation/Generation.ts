import { Clock, Duration, Effect, Option, Schedule, Stream } from "effect"
import type { Actor } from "../kernel/Actor"
import { toStream } from "../kernel/Feed"
import { Ids } from "../kernel/Ids"
import { Node } from "../kernel/Node"
import { Signals } from "../kernel/Signals"
import { estimateTokens, tokensPerTurn } from "../kernel/TokenEstimate"
import { TokenLimitReached } from "../operations/Usage/Errors"
import { ConversationNotFound } from "./Conversations/Errors"
import { type ConversationId, MessageId } from "./Conversations/Model"
import { GenerationNotFound, LogExpired, ShuttingDown } from "./Generation/Errors"
import { RunHousekeeping } from "./Generation/Housekeeping"
import { GenerationId, GenerationSettings, type Generation as Run } from "./Generation/Model"
import { readLog } from "./Generation/Reading"
import { GenerationRepo } from "./Generation/Repo"
import { Runs } from "./Generation/Runs"
import { Transitions } from "./Generation/Transitions"
import { LanguageModel, type Turn } from "./LanguageModel"

/** How often to look for what another node has written. */
const remotePoll = Duration.millis(300)

/**
 * The writing of answers. A generation is a run with an id, a state and a log that only grows;
 * it goes on whether or not anyone reads it, and ends when the model is done, when it is
 * stopped, or when it fails.
 */
export class Generation extends Effect.Service<Generation>()("Generation", {
  dependencies: [Transitions.Default, Runs.Default, RunHousekeeping.Default, GenerationRepo.Default],
  scoped: Effect.gen(function* () {
    const transitions = yield* Transitions
    const model = yield* LanguageModel
    const node = yield* Node
    const signals = yield* Signals
    const settings = yield* GenerationSettings
    const runs = yield* Runs
    const housekeeping = yield* RunHousekeeping
    const repo = yield* GenerationRepo
    const ids = yield* Ids
    let draining = false

    const now = Effect.map(Clock.currentTimeMillis, (millis) => new Date(millis))
    const orNotFound = <A>(found: Option.Option<A>) => Effect.mapError(found, () => new GenerationNotFound())

    /**
     * Adds a prompt to a conversation and begins to write the answer. Prompt, empty answer, run
     * and the reservation of its tokens are one transaction; when this returns they are kept,
     * and the answer will be written whoever listens.
     */
    const start = Effect.fnUntraced(function* (
      actor: Actor,
      request: { readonly conversationId: ConversationId; readonly content: string; readonly model?: string },
    ) {
      if (draining) return yield* new ShuttingDown()
      const { conversationId, content } = request
      const contentTokens = estimateTokens(content) + tokensPerTurn
      const id = GenerationId.make(yield* ids.next)
      const modelId = request.model ?? model.defaultModel
      const promptId = MessageId.make(yield* ids.next)
      const answerId = MessageId.make(yield* ids.next)
      const begun = yield* transitions.begin(actor, {
        call: { id, model: modelId },
        budget: settings.contextTokens - contentTokens,
        tokens: contentTokens + settings.maxOutputTokens,
        conversationId,
        promptId,
        answerId,
        content,
        owner: node.id,
        now: yield* now,
      })
      if (begun === undefined) return yield* new ConversationNotFound()
      if (begun.limited === null) return yield* new TokenLimitReached()
      const cap = begun.limited ? { maxOutputTokens: settings.maxOutputTokens } : {}
      const turns: ReadonlyArray<Turn> = [...begun.turns, { role: "user", content }]
      yield* runs.begin({
        id,
        answerId,
        promptTokens: begun.tokens + contentTokens,
        begun: begun.events,
        speak: (log) => model.speak({ model: modelId, turns, ...cap }, (text) => log.say(text)),
      })
      const run: Run = {
        id,
        conversationId,
        promptId,
        answerId,
        model: modelId,
        state: "running",
        startedAt: begun.startedAt,
        endedAt: null,
      }
      return run
    }, Effect.uninterruptible)

    const get = Effect.fn("Generation.get")((actor: Actor, id: GenerationId) =>
      Effect.flatMap(repo.find(actor, id), orNotFound),
    )

    const follow = (actor: Actor, run: Run, after: number) => {
      const feed = () =>
        readLog(after, {
          live: () => runs.log(run.id),
          stored: (seen) =>
            Effect.gen(function* () {
              const found = yield* repo.find(actor, run.id)
              const events = yield* repo.read(run.id, seen)
              return { events, over: found._tag === "None" || found.value.state !== "running" }
            }),
        })
      return { run, feed, events: toStream(feed) }
    }

    /**
     * A run and its log after event number `after` (-1 for all of it), as the log stands and then
     * as it grows, to the end of the run: as a stream, and as a feed for each reader. Any number of
     * readers see the same events.
     */
    const events = Effect.fn("Generation.events")(function* (actor: Actor, id: GenerationId, after: number) {
      const run = yield* get(actor, id)
      const isKept = run.state === "running" || after >= 0 || (yield* repo.read(id, after)).length > 0
      if (!isKept) return yield* new LogExpired()
      return follow(actor, run, after)
    })

    /**
     * Ends a run and keeps what was said so far. The wish is written down first, so it holds even
     * if this process dies now; a run that is over stays as it ended. Safe to repeat.
     */
    const stop = Effect.fn("Generation.stop")(function* (actor: Actor, id: GenerationId) {
      const run = yield* get(actor, id)
      const asked = yield* repo.requestStop(run.id, yield* now)
      if (!asked) return yield* get(actor, id)
      const here = yield* runs.cut(run.id, "stopped")
      if (!here) {
        yield* signals.publish("generation_stop", run.id)
        yield* housekeeping.closeOrphans
        yield* Effect.sleep(remotePoll).pipe(
          Effect.zipRight(repo.find(actor, run.id)),
          Effect.repeat({
            until: (found) => found._tag === "None" || found.value.state !== "running",
            schedule: Schedule.recurs(30),
          }),
        )
      }
      return yield* get(actor, id)
    }, Effect.uninterruptible)

    /**
     * Begins a run, or finds again the one that a reader lost: the conversation's latest, if it
     * answers the same prompt and the reader says which event it saw last.
     */
    const startOrResume = Effect.fnUntraced(function* (
      actor: Actor,
      request: { readonly conversationId: ConversationId; readonly content: string },
      lastSeen: Option.Option<number>,
    ) {
      if (Option.isSome(lastSeen)) {
        const latest = yield* repo.findLatest(actor, request.conversationId)
        if (Option.isSome(latest) && latest.value.prompt === request.content) {
          return follow(actor, latest.value, lastSeen.value)
        }
      }
      return follow(actor, yield* start(actor, request), -1)
    })

    yield* Stream.runForEach(signals.subscribe("generation_stop"), (signal) =>
      signal._tag === "Heard"
        ? Effect.forkScoped(runs.cut(GenerationId.make(signal.payload), "stopped"))
        : Effect.void,
    ).pipe(Effect.forkScoped)

    /** Begins nothing new, and waits a while for what has begun; see `GenerationSettings.drain`. */
    const drain = Effect.suspend(() => {
      draining = true
      return runs.drain
    })

    return { start, startOrResume, events, stop, drain }
  }),
}) {}
