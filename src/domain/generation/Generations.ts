import { SqlClient } from "@effect/sql"
import { DateTime, Effect, Option, Schedule, Stream } from "effect"
import { Conversations } from "../conversations/Conversations"
import { ConversationNotFound, MessageNotFound } from "../conversations/Conversations/Errors"
import type { ConversationId, MessageId, Place } from "../conversations/Conversations/Model"
import type { Actor } from "../shared/Actor"
import { ClusterNotifications, type Notification } from "../shared/ClusterNotifications"
import { toStream } from "../shared/PullSource"
import { withTransaction } from "../shared/Transaction"
import { GenerationNotFound, LogExpired, ShuttingDown } from "./Generations/Errors"
import { readLog, remotePoll } from "./Generations/EventSubscription"
import { Runs } from "./Generations/GenerationRunner"
import { Beginnings } from "./Generations/GenerationStarter"
import {
  GenerationId,
  type Generation as Run,
  type Saying,
  type Together,
  type Voice,
} from "./Generations/Model"
import { RunHousekeeping } from "./Generations/OrphanReaper"
import { GenerationRepo } from "./Generations/Repo"

/** What is to be answered again, and in which words if not in those it has. */
interface Prompt {
  readonly promptId: MessageId
  readonly content?: string
}

/**
 * The writing of answers. A generation is a run with an id, a state and a log that only grows;
 * it goes on whether or not anyone reads it, and ends when the model is done, when it is
 * stopped, or when it fails.
 */
export class Generation extends Effect.Service<Generation>()("Generation", {
  dependencies: [Beginnings.Default, Runs.Default, RunHousekeeping.Default, GenerationRepo.Default],
  scoped: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const conversations = yield* Conversations
    const beginnings = yield* Beginnings
    const signals = yield* ClusterNotifications
    const runs = yield* Runs
    const housekeeping = yield* RunHousekeeping
    const repo = yield* GenerationRepo
    let draining = false

    const orNotFound = <A>(found: Option.Option<A>) => Effect.mapError(found, () => new GenerationNotFound())

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

    /** The beginning of a run at a place, written down; none if the place is not there. */
    const write = Effect.fnUntraced(function* (
      actor: Actor,
      place: Place,
      voice: Voice,
      together?: Together,
    ) {
      if (draining) return yield* new ShuttingDown()
      const when = together ?? { at: yield* DateTime.nowAsDate, isFirst: true }
      const begun = yield* beginnings.write(actor, place, voice, when)
      if (begun === undefined) return undefined
      const { run, content, removed, go } = begun
      return { run, go: Effect.as(go, { ...follow(actor, run, -1), content, removed }) }
    })

    /**
     * Says something, and writes down that it is being answered, as part of the caller's transaction.
     * Once that is committed, and not before, `go` begins to write the answer, whoever listens.
     */
    const prepare = Effect.fnUntraced(function* (
      actor: Actor,
      saying: Saying,
      voice: Voice,
      together?: Together,
    ) {
      const begun = yield* write(actor, yield* beginnings.placeOf(saying), voice, together)
      return begun ?? (yield* new ConversationNotFound())
    })

    /** Says something and begins to write the answer; when this returns it will be written, whoever listens. */
    const start = Effect.fnUntraced(function* (actor: Actor, saying: Saying, voice: Voice = {}) {
      const { go } = yield* prepare(actor, saying, voice)
      return yield* go
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
      const isKept = run.state === "running" || (yield* repo.hasLog(run.id))
      if (!isKept) return yield* new LogExpired()
      return follow(actor, run, after)
    })

    /**
     * Ends a run and keeps what was said so far. The wish is written down first, so it holds even
     * if this process dies now; a run that is over stays as it ended. Safe to repeat.
     */
    const stop = Effect.fn("Generation.stop")(function* (actor: Actor, id: GenerationId) {
      const run = yield* get(actor, id)
      const asked = yield* repo.requestStop(run.id, yield* DateTime.nowAsDate)
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

    const ofAnswer = (actor: Actor, id: MessageId) =>
      Effect.flatMap(
        repo.find(actor, id),
        Effect.mapError(() => new MessageNotFound()),
      )

    /** Ends the run that writes an answer. */
    const stopAnswer = Effect.fn("Generation.stopAnswer")(function* (actor: Actor, id: MessageId) {
      const run = yield* ofAnswer(actor, id)
      return yield* Effect.orElseSucceed(stop(actor, run.id), () => run)
    })

    /** The run that writes, or wrote, an answer, and its log after event number `after`. */
    const eventsOfAnswer = Effect.fn("Generation.eventsOfAnswer")(function* (
      actor: Actor,
      id: MessageId,
      after: number,
    ) {
      const run = yield* ofAnswer(actor, id)
      return yield* Effect.mapError(events(actor, run.id, after), () => new MessageNotFound())
    })

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

    /** The beginning of another answer to a prompt, unless one is being written in its conversation. */
    const writeAgain = Effect.fnUntraced(function* (actor: Actor, prompt: Prompt, voice: Voice) {
      const id = yield* conversations.lockAround(actor, prompt.promptId)
      if ((yield* repo.running(actor, id)).length > 0) return undefined
      return (yield* write(actor, { _tag: "Again", ...prompt }, voice)) ?? (yield* new MessageNotFound())
    }, transaction)

    /**
     * Begins to answer a prompt again, in other words if they are given. Whatever is being written in
     * its conversation stops, and what followed the prompt goes: `removed` says how many messages
     * that were.
     */
    const startAgain = Effect.fn("Generation.startAgain")(function* (
      actor: Actor,
      prompt: Prompt,
      voice: Voice = {},
    ) {
      const { conversationId } = yield* conversations.message(actor, prompt.promptId)
      const stopAndWrite = Effect.zipRight(stopAll(actor, conversationId), writeAgain(actor, prompt, voice))
      // Somebody else may begin an answer after the last one stopped.
      const { go } = yield* Effect.repeat(stopAndWrite, { until: (begun) => begun !== undefined })
      return yield* go
    }, Effect.uninterruptible)

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

    const hear = (signal: Notification) =>
      signal._tag === "Heard"
        ? Effect.asVoid(runs.cut(GenerationId.make(signal.payload), "stopped"))
        : runs.catchUp

    yield* Stream.runForEach(signals.subscribe("generation_stop"), (signal) =>
      Effect.forkScoped(
        Effect.catchAllCause(hear(signal), (cause) =>
          Effect.logWarning("The wish to stop a run could not be met", cause),
        ),
      ),
    ).pipe(Effect.forkScoped)

    /** Begins nothing new, and waits a while for what has begun; see `GenerationSettings.drain`. */
    const drain = Effect.suspend(() => {
      draining = true
      return runs.drain
    })

    return {
      prepare,
      start,
      startAgain,
      startOrResume,
      events,
      eventsOfAnswer,
      stop,
      stopAnswer,
      stopAll,
      underWay: runs.underWay,
      drain,
    }
  }),
}) {}
