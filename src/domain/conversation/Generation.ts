import { Clock, Duration, Effect, Option, Schedule, Stream } from "effect"
import type { Actor } from "../kernel/Actor"
import { toStream } from "../kernel/Feed"
import { Ids } from "../kernel/Ids"
import { Node } from "../kernel/Node"
import { Signals } from "../kernel/Signals"
import { estimateTokens, tokensPerTurn } from "../kernel/TokenEstimate"
import { TokenLimitReached } from "../operations/Usage/Errors"
import { ConversationNotFound, MessageNotFound } from "./Conversations/Errors"
import { ConversationId, MessageId, type Place } from "./Conversations/Model"
import { GenerationNotFound, LogExpired, ShuttingDown } from "./Generation/Errors"
import { RunHousekeeping } from "./Generation/Housekeeping"
import {
  GenerationId,
  GenerationSettings,
  type Generation as Run,
  type Saying,
  type Voice,
} from "./Generation/Model"
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

    const placeOf = Effect.fnUntraced(function* (saying: Saying) {
      const { content, attachments = [] } = saying
      const prompt = { id: MessageId.make(yield* ids.next), content, attachments }
      if ("conversationId" in saying) {
        const place: Place = { _tag: "Existing", id: saying.conversationId, prompt }
        return place
      }
      const id = ConversationId.make(yield* ids.next)
      const place: Place = { _tag: "New", id, conversation: saying.conversation, prompt }
      return place
    })

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
     * Begins to write the answer at a place, if it is there. Prompt, empty answer, run and the
     * reservation of its tokens are one transaction; when this returns they are kept, and the
     * answer will be written whoever listens.
     */
    const begin = Effect.fnUntraced(function* (actor: Actor, place: Place, voice: Voice) {
      if (draining) return yield* new ShuttingDown()
      const { model: named, system = "", maxOutputTokens: wanted = Number.POSITIVE_INFINITY, ...rest } = voice
      const id = GenerationId.make(yield* ids.next)
      const modelId = named ?? model.defaultModel
      const answerId = MessageId.make(yield* ids.next)
      const systemTokens = system === "" ? 0 : estimateTokens(system) + tokensPerTurn
      const most = Math.min(wanted, settings.maxOutputTokens)
      const begun = yield* transitions.begin(actor, {
        call: { id, model: modelId },
        place,
        answerId,
        budget: settings.contextTokens - systemTokens,
        tokens: systemTokens + most,
        owner: node.id,
        now: yield* now,
      })
      if (begun === undefined) return undefined
      if (begun.limited === null) return yield* new TokenLimitReached()
      const instructions: ReadonlyArray<Turn> = system === "" ? [] : [{ role: "system", content: system }]
      const cap = begun.limited ? most : wanted
      const request = {
        ...rest,
        model: modelId,
        turns: [...instructions, ...begun.turns],
        ...(cap === Number.POSITIVE_INFINITY ? {} : { maxOutputTokens: cap }),
      }
      yield* runs.begin({
        id,
        model: modelId,
        answerId,
        promptTokens: begun.tokens + systemTokens,
        begun: begun.events,
        speak: (log) => model.speak(request, (text) => log.say(text)),
      })
      const { conversationId, promptId, startedAt, content, removed } = begun
      const run: Run = {
        id,
        conversationId,
        promptId,
        answerId,
        model: modelId,
        state: "running",
        startedAt,
        endedAt: null,
      }
      return { ...follow(actor, run, -1), content, removed }
    })

    /** Says something and begins to write the answer. */
    const start = Effect.fnUntraced(function* (actor: Actor, saying: Saying, voice: Voice = {}) {
      const begun = yield* begin(actor, yield* placeOf(saying), voice)
      return begun ?? (yield* new ConversationNotFound())
    }, Effect.uninterruptible)

    /**
     * Begins to answer a prompt again, in other words if they are given. What followed it goes:
     * `removed` says how many messages that were.
     */
    const startAgain = Effect.fnUntraced(function* (
      actor: Actor,
      prompt: { readonly promptId: MessageId; readonly content?: string },
      voice: Voice = {},
    ) {
      const begun = yield* begin(actor, { _tag: "Again", ...prompt }, voice)
      return begun ?? (yield* new MessageNotFound())
    }, Effect.uninterruptible)

    const get = Effect.fn("Generation.get")((actor: Actor, id: GenerationId) =>
      Effect.flatMap(repo.find(actor, id), orNotFound),
    )

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

    /** Ends all runs in a conversation; with a message, those that read or write it. */
    const stopAll = Effect.fn("Generation.stopAll")(function* (
      actor: Actor,
      conversationId: ConversationId,
      messageId?: MessageId,
    ) {
      const running = yield* repo.running(actor, conversationId, messageId)
      // One that is deleted meanwhile has stopped too.
      yield* Effect.forEach(running, (id) => Effect.ignore(stop(actor, id)), {
        concurrency: "unbounded",
        discard: true,
      })
    })

    /**
     * Begins a run, or finds again the one that a reader lost: the latest one in the conversation
     * that answers the same prompt, if the reader says which event it saw last.
     */
    const startOrResume = Effect.fnUntraced(function* (
      actor: Actor,
      request: { readonly conversationId: ConversationId; readonly content: string },
      lastSeen: Option.Option<number>,
    ) {
      if (Option.isSome(lastSeen)) {
        const lost = yield* repo.findAnswering(actor, request.conversationId, request.content)
        if (Option.isSome(lost)) return follow(actor, lost.value, lastSeen.value)
      }
      return yield* start(actor, request)
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

    return { start, startAgain, startOrResume, events, stop, stopAll, drain }
  }),
}) {}
