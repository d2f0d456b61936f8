import { SqlClient } from "@effect/sql"
import { DateTime, Effect, Option, Schedule, Stream } from "effect"
import { Conversations } from "../conversations/Conversations"
import { ConversationNotFound, MessageNotFound } from "../conversations/Conversations/Errors"
import { ConversationId, type ExchangeTarget, MessageId } from "../conversations/Conversations/Model"
import { Channels } from "../messaging/Channels"
import { Models } from "../models/Models"
import { TokenLimitReached } from "../operations/Usage/Errors"
import type { Actor } from "../shared/Actor"
import { ChangeFeed } from "../shared/ChangeFeed"
import { ClusterNotifications, type Notification } from "../shared/ClusterNotifications"
import { CurrentSettings } from "../shared/CurrentSettings"
import { IdGenerator } from "../shared/Ids"
import { Node } from "../shared/Node"
import { toStream } from "../shared/PullSource"
import { estimateTokens, fitAnswer, promptBudget, tokensPerMessage } from "../shared/TokenEstimate"
import { withTransaction } from "../shared/Transaction"
import type { PreparedGeneration, StoredMessage } from "./Generations/ActiveGeneration"
import { GenerationNotFound, LogExpired, ShuttingDown } from "./Generations/Errors"
import { pollInterval, subscribe } from "./Generations/EventSubscription"
import { GenerationFinalizer } from "./Generations/GenerationFinalizer"
import { GenerationRunner } from "./Generations/GenerationRunner"
import { contextWindow, insertGeneration } from "./Generations/InsertGeneration"
import {
  type BatchContext,
  type Generation,
  GenerationId,
  type GenerationOptions,
  GenerationSettings,
  type PromptInput,
} from "./Generations/Model"
import { startOrphanReaper } from "./Generations/OrphanReaper"
import { subscribeWithReasoning } from "./Generations/ReasoningSubscription"
import { type GenerationRef, GenerationsRepo } from "./Generations/Repo"
import { initialEvents } from "./Generations/Rules"

/** The prompt to regenerate the answer of, with its new content if that is edited. */
interface RegenerationInput {
  readonly promptId: MessageId
  readonly content?: string
}

/** A generation that is stored but does not run yet. Pass it to `launch` after the commit. */
interface CreatedGeneration {
  readonly generation: Generation
  /** The prompt's text and time. */
  readonly content: string
  readonly promptedAt: Date
  /** How many messages were deleted because they followed the regenerated prompt. */
  readonly deletedCount: number
  readonly prepared: PreparedGeneration
}

/**
 * Starts, follows and stops generations. A generation has an id, a state and an append-only log of
 * events; it continues whether or not anyone subscribes, and ends when the model is done, when it is
 * stopped, or when it fails.
 */
export class Generations extends Effect.Service<Generations>()("Generations", {
  dependencies: [GenerationRunner.Default, GenerationFinalizer.Default, GenerationsRepo.Default],
  scoped: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const transaction = withTransaction(sql)
    const channels = yield* Channels
    const conversations = yield* Conversations
    const currentSettings = yield* CurrentSettings
    const models = yield* Models
    const node = yield* Node
    const ids = yield* IdGenerator
    const settings = yield* GenerationSettings
    const notifications = yield* ClusterNotifications
    const feed = yield* ChangeFeed
    const runner = yield* GenerationRunner
    const repo = yield* GenerationsRepo
    const reapOrphans = yield* startOrphanReaper
    let draining = false

    /** Finds a generation that the actor may read. */
    const findReadable = Effect.fnUntraced(function* (actor: Actor, id: GenerationId) {
      const readable = yield* repo.findReadable(actor, id)
      if (Option.isSome(readable)) return readable.value
      const { channelId, ...generation } = yield* Effect.flatMap(repo.findInChannel(id), orNotFound)
      const access = channels.authorize(actor, channelId, "read")
      return yield* Effect.mapBoth(access, {
        onFailure: () => new GenerationNotFound(),
        onSuccess: () => generation,
      })
    })

    const orNotFound = <A>(row: Option.Option<A>) => Effect.mapError(row, () => new GenerationNotFound())

    const subscribeTo = (generation: Generation, after: number) => {
      const openSource = () => subscribe(runner, repo, generation.id, after)
      /** Opens the events with the model's reasoning, of which so many UTF-16 code units were read. */
      const openWithReasoning = (offset: number) =>
        subscribeWithReasoning(runner, repo, generation.id, { seq: after, offset })
      return { generation, openSource, openWithReasoning, events: toStream(openSource) }
    }

    /** Returns where the prompt is to be inserted, with new ids. */
    const resolveTarget = Effect.fnUntraced(function* (input: PromptInput) {
      const { content, attachments = [] } = input
      const prompt = { id: MessageId.make(yield* ids.generate), content, attachments }
      if ("conversationId" in input) {
        const { conversationId: id, arena } = input
        const target: ExchangeTarget = { _tag: "Append", id, arena, prompt }
        return target
      }
      const id = ConversationId.make(yield* ids.generate)
      const target: ExchangeTarget = { _tag: "NewConversation", id, conversation: input.conversation, prompt }
      return target
    })

    /**
     * Inserts prompt, empty answer, generation and token reservation in one transaction, or as part of
     * the caller's. Returns undefined when the target does not exist. Rejects with TokenLimitReached.
     */
    const insert = Effect.fnUntraced(function* (
      actor: Actor,
      target: ExchangeTarget,
      options: GenerationOptions,
      batch?: BatchContext,
    ) {
      if (draining) return yield* new ShuttingDown()
      const { timestamp, countMessage } = batch ?? {
        timestamp: yield* DateTime.nowAsDate,
        countMessage: true,
      }
      const {
        model = currentSettings.get().defaultModel,
        system = "",
        maxOutputTokens: requestedTokens = Number.POSITIVE_INFINITY,
        ...sampling
      } = options
      const id = GenerationId.make(yield* ids.generate)
      const answerId = MessageId.make(yield* ids.generate)
      const systemTokens = system === "" ? 0 : estimateTokens(system) + tokensPerMessage
      const cappedTokens = Math.min(requestedTokens, settings.maxOutputTokens)
      const contextLength = models.contextLengthOf(model)
      const row = yield* insertGeneration(sql, actor, {
        id,
        model,
        price: models.priceOf(model),
        messageCount: countMessage ? 1 : 0,
        target,
        answerId,
        budget: Math.min(settings.contextTokens, promptBudget(cappedTokens, contextLength)) - systemTokens,
        systemTokens,
        maxOutputTokens: cappedTokens,
        owner: node.id,
        now: timestamp,
      })
      if (row === undefined) return undefined
      if (row.limited === null) return yield* new TokenLimitReached()
      const { conversationId, promptId, startedAt, content, promptedAt, deletedCount } = row
      const promptTokens = row.tokens + systemTokens
      const maxTokens = row.limited ? cappedTokens : requestedTokens
      const systemMessages: ReadonlyArray<StoredMessage> =
        system === "" ? [] : [{ role: "system", content: system, attachments: [] }]
      const created: CreatedGeneration = {
        generation: {
          id,
          conversationId,
          promptId,
          answerId,
          model,
          state: "running",
          startedAt,
          endedAt: null,
        },
        content,
        promptedAt,
        deletedCount,
        prepared: {
          id,
          actor,
          model,
          answerId,
          conversationId,
          request: {
            ...sampling,
            model,
            ...(maxTokens === Number.POSITIVE_INFINITY
              ? {}
              : { maxOutputTokens: fitAnswer(maxTokens, promptTokens, contextLength) }),
          },
          messages: [...systemMessages, ...contextWindow(row)],
          promptTokens,
          initialEvents: initialEvents({ ...row, answerId, model }),
        },
      }
      return created
    })

    /**
     * Inserts a prompt and the generation of its answer as part of the caller's transaction. Pass the
     * result to `launch` after the commit, never before.
     */
    const create = Effect.fnUntraced(function* (
      actor: Actor,
      input: PromptInput,
      options: GenerationOptions,
      batch?: BatchContext,
    ) {
      const created = yield* insert(actor, yield* resolveTarget(input), options, batch)
      return created ?? (yield* new ConversationNotFound())
    })

    /** Starts the model call of a created generation, which continues whether or not anyone subscribes. */
    const launch = ({ generation, prepared, ...created }: CreatedGeneration) =>
      runner.start(prepared).pipe(
        Effect.zipRight(
          feed.publishLater({
            entity: "message",
            action: "created",
            id: generation.promptId,
            chatId: generation.conversationId,
            userIds: [prepared.actor.userId],
          }),
        ),
        Effect.as({ ...subscribeTo(generation, -1), ...created }),
      )

    /**
     * Inserts a prompt and starts generating its answer. Once this returns, the generation continues
     * whether or not anyone subscribes.
     */
    const start = Effect.fnUntraced(function* (
      actor: Actor,
      input: PromptInput,
      options: GenerationOptions = {},
    ) {
      return yield* launch(yield* create(actor, input, options))
    }, Effect.uninterruptible)

    const get = Effect.fn("Generations.get")((actor: Actor, id: GenerationId) =>
      Effect.flatMap(repo.findOwn(actor, id), orNotFound),
    )

    /**
     * Returns a generation and its events after number `after` (-1 for all): first those logged, then
     * live ones until its end, as a stream and as a pull source per subscriber. All subscribers see the
     * same events. Requires the owner, a member of the project that its conversation is in, or a
     * reader of the channel that its answer is in. Rejects with
     * LogExpired when the log was deleted.
     */
    const events = Effect.fn("Generations.events")(function* (actor: Actor, id: GenerationId, after: number) {
      const generation = yield* findReadable(actor, id)
      const isReadable = generation.state === "running" || (yield* repo.hasLog(generation.id))
      if (!isReadable) return yield* new LogExpired()
      return subscribeTo(generation, after)
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
        yield* reapOrphans
        yield* Effect.sleep(pollInterval).pipe(
          Effect.zipRight(repo.isRunning(generation.id)),
          Effect.repeat({ until: (isRunning) => !isRunning, schedule: Schedule.recurs(30) }),
        )
      }
      return yield* get(actor, id)
    }, Effect.uninterruptible)

    const findByMessage = (actor: Actor, id: MessageId) =>
      Effect.flatMap(
        repo.findOwn(actor, id),
        Effect.mapError(() => new MessageNotFound()),
      )

    /** Stops the generation of an answer. Idempotent: returns whether it was still running. */
    const stopByMessage = Effect.fn("Generations.stopByMessage")(function* (actor: Actor, id: MessageId) {
      const found = yield* findByMessage(actor, id)
      const generation = yield* Effect.orElseSucceed(stop(actor, found.id), () => found)
      return { generation, wasRunning: found.state === "running" }
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

    /** Stops generations. One that is deleted concurrently has stopped too. */
    const stopEach = (actor: Actor, running: ReadonlyArray<typeof GenerationRef.Type>) =>
      Effect.forEach(running, ({ id }) => Effect.ignore(stop(actor, id)), {
        concurrency: "unbounded",
        discard: true,
      })

    /** Stops all generations in a conversation; with a message, those whose prompt or answer it is. */
    const stopForConversation = Effect.fn("Generations.stopForConversation")(function* (
      actor: Actor,
      conversationId: ConversationId,
      messageId?: MessageId,
    ) {
      yield* stopEach(actor, yield* repo.listRunning(actor, conversationId, messageId))
    })

    /** Stops all generations of the actor. */
    const stopAll = Effect.fn("Generations.stopAll")(function* (actor: Actor) {
      yield* stopEach(actor, yield* repo.listAllRunning(actor))
    })

    /** Inserts a regeneration. Returns undefined while another generation runs in the conversation. */
    const insertRegeneration = Effect.fnUntraced(function* (
      actor: Actor,
      input: RegenerationInput,
      options: GenerationOptions,
    ) {
      const conversationId = yield* conversations.lockConversationOf(actor, input.promptId)
      if ((yield* repo.listRunning(actor, conversationId)).length > 0) return undefined
      const created = yield* insert(actor, { _tag: "Regenerate", ...input }, options)
      return created ?? (yield* new MessageNotFound())
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
      const created = yield* Effect.repeat(stopAndInsert, { until: (result) => result !== undefined })
      return yield* launch(created)
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
        if (Option.isSome(previous)) return subscribeTo(previous.value, lastSeen.value)
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
      launch,
      start,
      regenerate,
      startOrResume,
      events,
      eventsByMessage,
      stop,
      stopByMessage,
      stopForConversation,
      stopAll,
      activeCount: runner.activeCount,
      drain,
    }
  }),
}) {}
