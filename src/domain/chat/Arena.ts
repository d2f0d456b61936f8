import { SqlClient } from "@effect/sql"
import { Clock, DateTime, Effect, type Option } from "effect"
import { Assistants } from "../assistants/Assistants"
import { AssistantNotFound } from "../assistants/Assistants/Errors"
import type { Assistant, AssistantId } from "../assistants/Assistants/Model"
import { Conversations } from "../conversations/Conversations"
import { ArenaSessionId, ConversationId, type MessageId } from "../conversations/Conversations/Model"
import { Generations } from "../generation/Generations"
import { optionsOf } from "../generation/Generations/Model"
import type { Actor } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import { truncateAtWord } from "../shared/Text"
import { withTransaction } from "../shared/Transaction"
import { ArenaSessionNotFound, GenerationInProgress } from "./Arena/Errors"
import {
  type ArenaMessage,
  type ArenaPromptInput,
  type ArenaSession,
  type ArenaTranscript,
  defaultTitle,
  type NewArenaSession,
} from "./Arena/Model"
import { ArenaRepo } from "./Arena/Repo"
import { mergeTranscripts, toArenaMessage, validateLanes } from "./Arena/Rules"

/**
 * Compares assistants: sends the same prompts to several of them side by side. Each answers in its own
 * lane and sees only that lane's messages.
 */
export class Arena extends Effect.Service<Arena>()("Arena", {
  dependencies: [ArenaRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* ArenaRepo
    const assistants = yield* Assistants
    const conversations = yield* Conversations
    const generations = yield* Generations
    const ids = yield* IdGenerator

    const orNotFound = <A>(session: Option.Option<A>) =>
      Effect.mapError(session, () => new ArenaSessionNotFound())
    const find = (actor: Actor, id: ArenaSessionId) => Effect.flatMap(repo.find(actor, id), orNotFound)
    const unbounded = { concurrency: "unbounded" } as const

    /** Validates the selection and returns these assistants. Rejects those that the actor may not use. */
    const loadAssistants = Effect.fnUntraced(function* (
      actor: Actor,
      assistantIds: ReadonlyArray<AssistantId>,
      isNew: boolean,
    ) {
      const invalid = validateLanes(assistantIds, isNew)
      if (invalid !== undefined) return yield* invalid
      return yield* Effect.forEach(assistantIds, (id) => assistants.getVisible(actor, id), unbounded)
    })

    const insertSession = Effect.fnUntraced(function* (
      actor: Actor,
      contestants: ReadonlyArray<Assistant>,
      title: string | undefined,
    ) {
      const session: ArenaSession = {
        id: ArenaSessionId.make(yield* ids.generate),
        userId: actor.userId,
        title: title ?? defaultTitle,
        hasTitle: title !== undefined,
        lanes: yield* Effect.forEach(contestants, ({ id: assistantId }) =>
          Effect.map(ids.generate, (id) => ({ assistantId, conversationId: ConversationId.make(id) })),
        ),
        messageCount: 0,
        lastMessageAt: null,
        createdAt: yield* DateTime.nowAsDate,
      }
      yield* repo.insert(session)
      return session
    })

    /** Creates an empty session with 2 to 4 different assistants that the actor may use. */
    const create = Effect.fn("Arena.create")(function* (actor: Actor, input: NewArenaSession) {
      return yield* insertSession(actor, yield* loadAssistants(actor, input.assistantIds, true), input.title)
    })

    /** Returns a page of the actor's sessions, most recently active first. */
    const list = Effect.fn("Arena.list")(repo.page)

    /** Returns a session with all its messages and those of its assistants that still exist. */
    const get = Effect.fn("Arena.get")(function* (actor: Actor, id: ArenaSessionId) {
      const session = yield* find(actor, id)
      const [messages, visibleAssistants] = yield* Effect.all(
        [
          conversations.arenaMessages(actor, id),
          Effect.forEach(
            session.lanes,
            ({ assistantId }) => Effect.option(assistants.getVisible(actor, assistantId)),
            unbounded,
          ),
        ],
        unbounded,
      )
      const transcript: ArenaTranscript = {
        session,
        messages: mergeTranscripts(session, messages),
        assistants: visibleAssistants.flatMap((assistant) =>
          assistant._tag === "Some" ? [assistant.value] : [],
        ),
      }
      return transcript
    })

    /** Returns one message of a session. */
    const message = Effect.fn("Arena.message")(function* (
      actor: Actor,
      id: ArenaSessionId,
      messageId: MessageId,
    ) {
      const session = yield* find(actor, id)
      return toArenaMessage(session, yield* conversations.message(actor, messageId, id))
    })

    /**
     * Appends a prompt to the lanes of these assistants and creates the generations of its answers. The
     * prompt has the same time in all lanes, later than all their messages.
     */
    const createGenerations = Effect.fnUntraced(function* (
      actor: Actor,
      session: ArenaSession,
      contestants: ReadonlyArray<Assistant>,
      content: string,
    ) {
      const now = yield* Clock.currentTimeMillis
      const timestamp = new Date(Math.max(now, (session.lastMessageAt?.getTime() ?? 0) + 1))
      const optionsById = new Map(contestants.map((assistant) => [assistant.id, optionsOf(assistant)]))
      const lanes = session.lanes.flatMap(({ assistantId, conversationId }) => {
        const options = optionsById.get(assistantId)
        return options === undefined ? [] : [{ assistantId, conversationId, options }]
      })
      if (lanes.length < contestants.length) return yield* new AssistantNotFound()
      if (yield* repo.isGenerating(lanes.map(({ conversationId }) => conversationId))) {
        return yield* new GenerationInProgress()
      }
      const created = yield* Effect.forEach(lanes, ({ assistantId, conversationId, options }, index) =>
        generations
          .create(actor, { conversationId, arena: session.id, content }, options, {
            timestamp,
            countMessage: index === 0,
          })
          .pipe(
            Effect.catchTag("ConversationNotFound", Effect.die),
            Effect.map((lane) => ({ assistantId, ...lane })),
          ),
      )
      yield* repo.recordPrompt(session.id, { lanes: lanes.length, title: truncateAtWord(content), timestamp })
      return { timestamp, created }
    })

    /**
     * Sends a prompt to assistants of a session, or of a new one, and starts generating their answers
     * side by side. Atomic: if one generation cannot start, for example because of the token limit, none
     * does and nothing is stored. Each lane has its generation and the events from the first one on;
     * `message` is the prompt, once for all lanes.
     */
    const send = Effect.fn("Arena.send")(function* (actor: Actor, input: ArenaPromptInput) {
      const { sessionId, assistantIds, content } = input
      const contestants = yield* loadAssistants(actor, assistantIds, sessionId === undefined)
      const { timestamp, created, session } = yield* transaction(
        Effect.gen(function* () {
          const id = sessionId ?? (yield* insertSession(actor, contestants, undefined)).id
          yield* repo.lock(actor, id)
          const inserted = yield* createGenerations(actor, yield* find(actor, id), contestants, content)
          return { ...inserted, session: yield* find(actor, id) }
        }),
      )
      const lanes = yield* Effect.forEach(created, ({ assistantId, ...lane }) =>
        Effect.map(generations.launch(lane), ({ generation, openSource, events }) => ({
          assistantId,
          generation,
          openSource,
          events,
        })),
      )
      const { generation } = yield* Effect.orDie(Effect.fromNullable(lanes[0]))
      const message: ArenaMessage = {
        id: generation.promptId,
        sessionId: session.id,
        role: "user",
        content,
        metadata: null,
        createdAt: timestamp,
        assistantId: null,
      }
      return { session, isNew: sessionId === undefined, message, lanes }
    }, Effect.uninterruptible)

    /** Stops all generations in a session and keeps the text so far. Idempotent. */
    const stop = Effect.fn("Arena.stop")(function* (actor: Actor, id: ArenaSessionId) {
      const { lanes } = yield* find(actor, id)
      yield* Effect.forEach(lanes, (lane) => generations.stopForConversation(actor, lane.conversationId), {
        ...unbounded,
        discard: true,
      })
    })

    /** Stops all generations in a session, and deletes it with its messages. */
    const remove = Effect.fn("Arena.remove")(function* (actor: Actor, id: ArenaSessionId) {
      yield* stop(actor, id)
      const removed = yield* repo.remove(actor, id)
      if (!removed) return yield* new ArenaSessionNotFound()
    })

    return { create, list, get, message, send, stop, remove }
  }),
}) {}
