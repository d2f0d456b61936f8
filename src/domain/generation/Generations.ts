import { SqlClient } from "@effect/sql"
import { DateTime, Effect, Option, Schedule, Stream } from "effect"
import { Conversations } from "../conversations/Conversations"
import { ConversationNotFound, MessageNotFound } from "../conversations/Conversations/Errors"
import type { ConversationId, ExchangeTarget, MessageId } from "../conversations/Conversations/Model"
import type { Actor } from "../shared/Actor"
import { ClusterNotifications, type Notification } from "../shared/ClusterNotifications"
import { toStream } from "../shared/PullSource"
import { withTransaction } from "../shared/Transaction"
import { GenerationNotFound, LogExpired, ShuttingDown } from "./Generations/Errors"
import { pollInterval, subscribe } from "./Generations/EventSubscription"
import { GenerationRunner } from "./Generations/GenerationRunner"
import { GenerationStarter } from "./Generations/GenerationStarter"
import {
  type BatchContext,
  type Generation,
  GenerationId,
  type GenerationOptions,
  type PromptInput,
} from "./Generations/Model"
import { OrphanReaper } from "./Generations/OrphanReaper"
import { GenerationsRepo } from "./Generations/Repo"

/** The prompt to regenerate the answer of, with its new content if that is edited. */
interface RegenerationInput {
  readonly promptId: MessageId
  readonly content?: string
}

/**
 * Starts, follows and stops generations. A generation has an id, a state and an append-only log of
 * events; it continues whether or not anyone subscribes, and ends when the model is done, when it is
 * stopped, or when it fails.
 */
export class Generations extends Effect.Service<Generations>()("Generations", {
  dependencies: [
    GenerationStarter.Default,
    GenerationRunner.Default,
    OrphanReaper.Default,
    GenerationsRepo.Default,
  ],
  scoped: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const conversations = yield* Conversations
    const starter = yield* GenerationStarter
    const notifications = yield* ClusterNotifications
    const runner = yield* GenerationRunner
    const orphanReaper = yield* OrphanReaper
    const repo = yield* GenerationsRepo
    let draining = false

    const orNotFound = <A>(row: Option.Option<A>) => Effect.mapError(row, () => new GenerationNotFound())

    const isRunning = (row: Option.Option<Generation>) => Option.isSome(row) && row.value.state === "running"

    const subscribeTo = (actor: Actor, generation: Generation, after: number) => {
      const openSource = () =>
        subscribe(after, {
          memory: () => runner.buffer(generation.id),
          database: (cursor) =>
            Effect.gen(function* () {
              const row = yield* repo.find(actor, generation.id)
              const events = yield* repo.read(generation.id, cursor)
              return { events, done: !isRunning(row) }
            }),
        })
      return { generation, openSource, events: toStream(openSource) }
    }

    /** Inserts a generation. Returns undefined when the target does not exist. */
    const insert = Effect.fnUntraced(function* (
      actor: Actor,
      target: ExchangeTarget,
      options: GenerationOptions,
      batch?: BatchContext,
    ) {
      if (draining) return yield* new ShuttingDown()
      const context = batch ?? { timestamp: yield* DateTime.nowAsDate, countMessage: true }
      const inserted = yield* starter.insert(actor, target, options, context)
      if (inserted === undefined) return undefined
      const { generation, content, deletedCount, launch } = inserted
      const started = { ...subscribeTo(actor, generation, -1), content, deletedCount }
      return { generation, launch: Effect.as(launch, started) }
    })

    /**
     * Inserts a prompt and the generation of its answer as part of the caller's transaction. Run `launch`
     * after the commit, never before: it starts the model call, which then continues whether or not
     * anyone subscribes.
     */
    const create = Effect.fnUntraced(function* (
      actor: Actor,
      input: PromptInput,
      options: GenerationOptions,
      batch?: BatchContext,
    ) {
      const inserted = yield* insert(actor, yield* starter.resolveTarget(input), options, batch)
      return inserted ?? (yield* new ConversationNotFound())
    })

    /**
     * Inserts a prompt and starts generating its answer. Once this returns, the generation continues
     * whether or not anyone subscribes.
     */
    const start = Effect.fnUntraced(function* (
      actor: Actor,
      input: PromptInput,
      options: GenerationOptions = {},
    ) {
      const { launch } = yield* create(actor, input, options)
      return yield* launch
    }, Effect.uninterruptible)

    const get = Effect.fn("Generations.get")((actor: Actor, id: GenerationId) =>
      Effect.flatMap(repo.find(actor, id), orNotFound),
    )

    /**
     * Returns a generation and its events after number `after` (-1 for all): first those logged, then
     * live ones until its end, as a stream and as a pull source per subscriber. All subscribers see the
     * same events. Rejects with LogExpired when the log was deleted.
     */
    const events = Effect.fn("Generations.events")(function* (actor: Actor, id: GenerationId, after: number) {
      const generation = yield* get(actor, id)
      const isReadable = generation.state === "running" || (yield* repo.hasLog(generation.id))
      if (!isReadable) return yield* new LogExpired()
      return subscribeTo(actor, generation, after)
    })

    /**
     * Stops a generation and keeps the text so far. Persists the stop request first, so that it holds
     * even if this process dies now. Idempotent: an ended generation keeps its state.
     */
    const stop = Effect.fn("Generations.stop")(function* (actor: Actor, id: GenerationId) {
      const generation = yield* get(actor, id)
      const isRequested = yield* repo.requestStop(generation.id, yield* DateTime.nowAsDate)
      if (!isRequested) return yield* get(actor, id)
      const isLocal = yield* runner.interrupt(generation.id, "stopped")
      if (!isLocal) {
        yield* notifications.publish("generation_stop", generation.id)
        yield* orphanReaper.reapOrphans
        yield* Effect.sleep(pollInterval).pipe(
          Effect.zipRight(repo.find(actor, generation.id)),
          Effect.repeat({ until: (row) => !isRunning(row), schedule: Schedule.recurs(30) }),
        )
      }
      return yield* get(actor, id)
    }, Effect.uninterruptible)

    const findByMessage = (actor: Actor, id: MessageId) =>
      Effect.flatMap(
        repo.find(actor, id),
        Effect.mapError(() => new MessageNotFound()),
      )

    /** Stops the generation of an answer. Idempotent. */
    const stopByMessage = Effect.fn("Generations.stopByMessage")(function* (actor: Actor, id: MessageId) {
      const generation = yield* findByMessage(actor, id)
      return yield* Effect.orElseSucceed(stop(actor, generation.id), () => generation)
    })

    /** Returns the generation of an answer and its events after number `after`, as `events` does. */
    const eventsByMessage = Effect.fn("Generations.eventsByMessage")(function* (
      actor: Actor,
      id: MessageId,
      after: number,
    ) {
      const generation = yield* findByMessage(actor, id)
      return yield* Effect.mapError(events(actor, generation.id, after), () => new MessageNotFound())
    })

    /** Stops all generations in a conversation; with a message, those whose prompt or answer it is. */
    const stopForConversation = Effect.fn("Generations.stopForConversation")(function* (
      actor: Actor,
      conversationId: ConversationId,
      messageId?: MessageId,
    ) {
      const running = yield* repo.listRunning(actor, conversationId, messageId)
      // A generation that is deleted concurrently has stopped too.
      yield* Effect.forEach(running, (id) => Effect.ignore(stop(actor, id)), {
        concurrency: "unbounded",
        discard: true,
      })
    })

    /** Inserts a regeneration. Returns undefined while another generation runs in the conversation. */
    const insertRegeneration = Effect.fnUntraced(function* (
      actor: Actor,
      input: RegenerationInput,
      options: GenerationOptions,
    ) {
      const conversationId = yield* conversations.lockConversationOf(actor, input.promptId)
      if ((yield* repo.listRunning(actor, conversationId)).length > 0) return undefined
      const inserted = yield* insert(actor, { _tag: "Regenerate", ...input }, options)
      return inserted ?? (yield* new MessageNotFound())
    }, transaction)

    /**
     * Starts generating a new answer to a prompt, optionally with edited content. Stops all generations
     * in its conversation and deletes the messages after the prompt; `deletedCount` is their number.
     */
    const regenerate = Effect.fn("Generations.regenerate")(function* (
      actor: Actor,
      input: RegenerationInput,
      options: GenerationOptions = {},
    ) {
      const { conversationId } = yield* conversations.message(actor, input.promptId)
      const stopAndInsert = Effect.zipRight(
        stopForConversation(actor, conversationId),
        insertRegeneration(actor, input, options),
      )
      // Another request may start a generation after the last one has stopped.
      const { launch } = yield* Effect.repeat(stopAndInsert, {
        until: (inserted) => inserted !== undefined,
      })
      return yield* launch
    }, Effect.uninterruptible)

    /**
     * Starts a generation, or resumes the latest one in the conversation that answers the same prompt, if
     * the client sends the number of the last event it received before it lost its connection.
     */
    const startOrResume = Effect.fnUntraced(function* (
      actor: Actor,
      input: { readonly conversationId: ConversationId; readonly content: string },
      lastSeen: Option.Option<number>,
    ) {
      if (Option.isSome(lastSeen)) {
        const previous = yield* repo.findByPrompt(actor, input.conversationId, input.content)
        if (Option.isSome(previous)) return subscribeTo(actor, previous.value, lastSeen.value)
      }
      return yield* start(actor, input)
    })

    const onStopSignal = (notification: Notification) =>
      notification._tag === "Received"
        ? Effect.asVoid(runner.interrupt(GenerationId.make(notification.payload), "stopped"))
        : runner.reconcile

    yield* Stream.runForEach(notifications.subscribe("generation_stop"), (notification) =>
      Effect.forkScoped(
        Effect.catchAllCause(onStopSignal(notification), (cause) =>
          Effect.annotateLogs(Effect.logWarning("generation stop request failed", cause), {
            notification: notification._tag,
            ...(notification._tag === "Received" ? { generation: notification.payload } : {}),
          }),
        ),
      ),
    ).pipe(Effect.forkScoped)

    /** Starts no new generations, and waits for those running until `GenerationSettings.drainTimeout`. */
    const drain = Effect.suspend(() => {
      draining = true
      return runner.drain
    })

    return {
      create,
      start,
      regenerate,
      startOrResume,
      events,
      eventsByMessage,
      stop,
      stopByMessage,
      stopForConversation,
      activeCount: runner.activeCount,
      drain,
    }
  }),
}) {}
