import { Effect } from "effect"
import { Arena } from "../../../domain/chat/Arena"
import type { ArenaSessionId } from "../../../domain/conversations/Conversations/Model"
import { Generations } from "../../../domain/generation/Generations"
import type { Actor } from "../../../domain/shared/Actor"
import { rateLimits } from "../../../http/RateLimitPolicy"
import { encodeArenaMessage, encodeArenaSession } from "../Arena/Body"
import { type Lane, makeArenaForwarder } from "./ArenaForwarder"
import type { AuthenticatedSocket } from "./Authentication"
import { clientEvents } from "./Events"
import type { SocketContext } from "./SocketContext"

/** A session whose answers this process forwards: how many are unfinished, and whether one was stopped. */
interface ActiveSession {
  lanes: number
  stopped: boolean
}

const idsOf = ({ assistantId, generation }: Pick<Lane, "assistantId" | "generation">) => ({
  config_id: assistantId,
  message_id: generation.answerId,
  generation_id: generation.id,
})

/** Registers the handlers of a socket's arena events. */
export const makeArenaHandlers = ({ on, emitToUser, emitTo, fork }: SocketContext) =>
  Effect.gen(function* () {
    const arena = yield* Arena
    const generations = yield* Generations
    const forward = yield* makeArenaForwarder
    const activeSessions = new Map<ArenaSessionId, ActiveSession>()

    /**
     * Forwards generations to all sockets of a user. Emits `arena_generation_stopped` at most once, when
     * the last of them has ended and any was stopped.
     */
    const forwardLanes = (
      actor: Actor,
      sessionId: ArenaSessionId,
      lanes: ReadonlyArray<Omit<Lane, "sessionId">>,
    ) => {
      const emit = emitToUser(actor)
      const session = activeSessions.get(sessionId) ?? { lanes: 0, stopped: false }
      session.lanes += lanes.length
      activeSessions.set(sessionId, session)
      const onStop = Effect.sync(() => {
        session.stopped = true
      })
      const onEnd = Effect.sync(() => {
        session.lanes--
        if (session.lanes > 0) return
        activeSessions.delete(sessionId)
        if (session.stopped) emit("arena_generation_stopped", { session_id: sessionId })
      })
      for (const lane of lanes)
        fork(Effect.ensuring(forward(actor, { sessionId, ...lane }, emit, onStop), onEnd))
    }

    return (socket: AuthenticatedSocket) => {
      const { actor } = socket.data

      on(
        socket,
        "arena_send_message",
        clientEvents.arena_send_message,
        rateLimits.chat,
        ({ sessionId, ...input }) =>
          Effect.gen(function* () {
            const started = yield* arena.send(actor, { ...input, sessionId: sessionId ?? undefined })
            const { session, isNew, message, lanes } = started
            const emit = emitToUser(actor)
            if (isNew) emit("arena_session_created", { session: encodeArenaSession(session) })
            emit("arena_user_message", { message: encodeArenaMessage(message), session_id: session.id })
            forwardLanes(actor, session.id, lanes)
            return { session_id: session.id, message_id: message.id, answers: lanes.map(idsOf) }
          }),
      )

      on(
        socket,
        "arena_stop_generation",
        clientEvents.arena_stop_generation,
        rateLimits.other,
        ({ session_id: sessionId }) =>
          Effect.gen(function* () {
            const session = activeSessions.get(sessionId)
            yield* arena.stop(actor, sessionId)
            if (session !== undefined && session.lanes > 0) session.stopped = true
            else if (session?.stopped !== true)
              emitToUser(actor)("arena_generation_stopped", { session_id: sessionId })
            return { session_id: sessionId }
          }),
      )

      on(
        socket,
        "arena_follow_message",
        clientEvents.arena_follow_message,
        rateLimits.other,
        ({ session_id: sessionId, message_id, after = -1 }) =>
          Effect.gen(function* () {
            const message = yield* arena.message(actor, sessionId, message_id)
            const followed = yield* generations.eventsByMessage(actor, message_id, after)
            const assistantId = yield* Effect.orDie(Effect.fromNullable(message.assistantId))
            const emit = emitTo(socket)
            const lane = { sessionId, assistantId, ...followed }
            const onStop = Effect.sync(() => emit("arena_generation_stopped", { session_id: sessionId }))
            fork(forward(actor, lane, emit, onStop))
            return { session_id: sessionId, ...idsOf(lane) }
          }),
      )
    }
  })
