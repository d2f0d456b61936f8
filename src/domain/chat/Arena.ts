import { SqlClient } from "@effect/sql"
import { Clock, DateTime, Effect, type Option } from "effect"
import { Assistants } from "../assistants/Assistants"
import { AssistantNotFound } from "../assistants/Assistants/Errors"
import type { Assistant, AssistantId } from "../assistants/Assistants/Model"
import { Conversations } from "../conversations/Conversations"
import { ArenaSessionId, ConversationId, type MessageId } from "../conversations/Conversations/Model"
import { Generation } from "../generation/Generations"
import { voiceOf } from "../generation/Generations/Model"
import type { Actor } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import { truncateAtWord } from "../shared/Text"
import { withTransaction } from "../shared/Transaction"
import { ArenaBusy, ArenaSessionNotFound } from "./Arena/Errors"
import {
  type ArenaMessage,
  type ArenaRecord,
  type ArenaSaying,
  type ArenaSession,
  type NewArenaSession,
  untitledSession,
} from "./Arena/Model"
import { ArenaRepo } from "./Arena/Repo"
import { merged, refuseLanes, toArenaMessage } from "./Arena/Rules"

/**
 * The same prompts to several assistants side by side. Each of them answers in a lane of its own, and
 * knows nothing of the others.
 */
export class Arena extends Effect.Service<Arena>()("Arena", {
  dependencies: [ArenaRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* ArenaRepo
    const assistants = yield* Assistants
    const conversations = yield* Conversations
    const generation = yield* Generation
    const ids = yield* IdGenerator

    const orNotFound = <A>(found: Option.Option<A>) =>
      Effect.mapError(found, () => new ArenaSessionNotFound())
    const find = (actor: Actor, id: ArenaSessionId) => Effect.flatMap(repo.find(actor, id), orNotFound)
    const all = { concurrency: "unbounded" } as const

    /** The assistants that are to answer, if they may. */
    const chosen = Effect.fnUntraced(function* (
      actor: Actor,
      assistantIds: ReadonlyArray<AssistantId>,
      isNew: boolean,
    ) {
      const refused = refuseLanes(assistantIds, isNew)
      if (refused !== undefined) return yield* refused
      return yield* Effect.forEach(assistantIds, (id) => assistants.forUse(actor, id), all)
    })

    const open = Effect.fnUntraced(function* (
      actor: Actor,
      chosen: ReadonlyArray<Assistant>,
      title: string | undefined,
    ) {
      const session: ArenaSession = {
        id: ArenaSessionId.make(yield* ids.generate),
        userId: actor.userId,
        title: title ?? untitledSession,
        isTitled: title !== undefined,
        lanes: yield* Effect.forEach(chosen, ({ id: assistantId }) =>
          Effect.map(ids.generate, (id) => ({ assistantId, conversationId: ConversationId.make(id) })),
        ),
        messageCount: 0,
        lastMessageAt: null,
        createdAt: yield* DateTime.nowAsDate,
      }
      yield* repo.insert(session)
      return session
    })

    /** A session of 2 to 4 different assistants that the actor may use, before anything is said in it. */
    const create = Effect.fn("Arena.create")(function* (actor: Actor, input: NewArenaSession) {
      return yield* open(actor, yield* chosen(actor, input.assistantIds, true), input.title)
    })

    /** Part of the actor's sessions, those written to last first. */
    const list = Effect.fn("Arena.list")(repo.page)

    /** A session with all that was said in it. */
    const get = Effect.fn("Arena.get")(function* (actor: Actor, id: ArenaSessionId) {
      const session = yield* find(actor, id)
      const [said, found] = yield* Effect.all(
        [
          conversations.saidInArena(actor, id),
          Effect.forEach(
            session.lanes,
            ({ assistantId }) => Effect.option(assistants.forUse(actor, assistantId)),
            all,
          ),
        ],
        all,
      )
      const record: ArenaRecord = {
        session,
        messages: merged(session, said),
        assistants: found.flatMap((assistant) => (assistant._tag === "Some" ? [assistant.value] : [])),
      }
      return record
    })

    /** A message of a session. */
    const message = Effect.fn("Arena.message")(function* (actor: Actor, id: ArenaSessionId, of: MessageId) {
      const session = yield* find(actor, id)
      return toArenaMessage(session, yield* conversations.message(actor, of, id))
    })

    /**
     * A prompt at the ends of lanes, all at the same time, which is later than all that was said; and
     * the beginnings of the answers.
     */
    const prompt = Effect.fnUntraced(function* (
      actor: Actor,
      session: ArenaSession,
      answering: ReadonlyArray<Assistant>,
      content: string,
    ) {
      const now = yield* Clock.currentTimeMillis
      const at = new Date(Math.max(now, (session.lastMessageAt?.getTime() ?? 0) + 1))
      const voices = new Map(answering.map((assistant) => [assistant.id, voiceOf(assistant)]))
      const lanes = session.lanes.flatMap(({ assistantId, conversationId }) => {
        const voice = voices.get(assistantId)
        return voice === undefined ? [] : [{ assistantId, conversationId, voice }]
      })
      if (lanes.length < answering.length) return yield* new AssistantNotFound()
      if (yield* repo.isAnswering(lanes.map(({ conversationId }) => conversationId))) {
        return yield* new ArenaBusy()
      }
      const begun = yield* Effect.forEach(lanes, ({ assistantId, conversationId, voice }, index) =>
        generation
          .prepare(actor, { conversationId, arena: session.id, content }, voice, { at, isFirst: index === 0 })
          .pipe(
            Effect.catchTag("ConversationNotFound", Effect.die),
            Effect.map((beginning) => ({ assistantId, ...beginning })),
          ),
      )
      yield* repo.prompted(session.id, { lanes: lanes.length, title: truncateAtWord(content), at })
      return { at, begun }
    })

    /**
     * Says something to assistants of a session, or of a new one, and begins to write their answers
     * side by side. It is all or nothing: where one of them cannot begin, by the token limit say, none
     * does, and nothing is kept. Each lane has its run and its log from the first event on; `message`
     * is the prompt, once for all lanes.
     */
    const send = Effect.fn("Arena.send")(function* (actor: Actor, said: ArenaSaying) {
      const { sessionId, assistantIds, content } = said
      const answering = yield* chosen(actor, assistantIds, sessionId === undefined)
      const written = yield* transaction(
        Effect.gen(function* () {
          const id = sessionId ?? (yield* open(actor, answering, undefined)).id
          yield* repo.lock(actor, id)
          const { at, begun } = yield* prompt(actor, yield* find(actor, id), answering, content)
          return { at, begun, session: yield* find(actor, id) }
        }),
      )
      const { at, begun, session } = written
      const lanes = yield* Effect.forEach(begun, ({ assistantId, go }) =>
        Effect.map(go, ({ run, feed, events }) => ({ assistantId, run, feed, events })),
      )
      const { run } = yield* Effect.orDie(Effect.fromNullable(lanes[0]))
      const message: ArenaMessage = {
        id: run.promptId,
        sessionId: session.id,
        role: "user",
        content,
        metadata: null,
        createdAt: at,
        assistantId: null,
      }
      return { session, isNew: sessionId === undefined, message, lanes }
    }, Effect.uninterruptible)

    /** Ends all answers that are being written in a session, and keeps what they said. Safe to repeat. */
    const stop = Effect.fn("Arena.stop")(function* (actor: Actor, id: ArenaSessionId) {
      const { lanes } = yield* find(actor, id)
      yield* Effect.forEach(lanes, (lane) => generation.stopAll(actor, lane.conversationId), {
        ...all,
        discard: true,
      })
    })

    /** Takes a session away, with all that was said and is being said in it. */
    const remove = Effect.fn("Arena.remove")(function* (actor: Actor, id: ArenaSessionId) {
      yield* stop(actor, id)
      const removed = yield* repo.remove(actor, id)
      if (!removed) return yield* new ArenaSessionNotFound()
    })

    return { create, list, get, message, send, stop, remove }
  }),
}) {}
