import { Effect } from "effect"
import { Arena } from "../../../domain/chat/Arena"
import type { ArenaSessionId } from "../../../domain/conversations/Conversations/Model"
import { Generation } from "../../../domain/generation/Generations"
import type { Actor } from "../../../domain/shared/Actor"
import { limits } from "../../../http/RateLimitPolicy"
import { toArenaMessage, toArenaSession } from "../Arena/Body"
import { type Lane, makeArenaRelay } from "./ArenaForwarder"
import type { OwnSocket } from "./Authentication"
import type { Voices } from "./Emitter"
import { heard } from "./Events"

/** What is told of a session here: how many of its answers are being written, and whether one was stopped. */
interface Watched {
  lanes: number
  stopped: boolean
}

const namesOf = ({ assistantId, run }: Pick<Lane, "assistantId" | "run">) => ({
  config_id: assistantId,
  message_id: run.answerId,
  generation_id: run.id,
})

/** Listens to what a socket says in the arena. */
export const makeArena = ({ listen, tellAll, tellOne, fork }: Voices) =>
  Effect.gen(function* () {
    const arena = yield* Arena
    const generation = yield* Generation
    const relay = yield* makeArenaRelay
    const watched = new Map<ArenaSessionId, Watched>()

    /** Tells all sockets of a user of answers. The last one to end tells if any was stopped, once for all. */
    const tellLanes = (
      actor: Actor,
      sessionId: ArenaSessionId,
      lanes: ReadonlyArray<Omit<Lane, "sessionId">>,
    ) => {
      const tell = tellAll(actor)
      const session = watched.get(sessionId) ?? { lanes: 0, stopped: false }
      session.lanes += lanes.length
      watched.set(sessionId, session)
      const onStop = Effect.sync(() => {
        session.stopped = true
      })
      const atEnd = Effect.sync(() => {
        session.lanes--
        if (session.lanes > 0) return
        watched.delete(sessionId)
        if (session.stopped) tell("arena_generation_stopped", { session_id: sessionId })
      })
      for (const lane of lanes)
        fork(Effect.ensuring(relay(actor, { sessionId, ...lane }, tell, onStop), atEnd))
    }

    return (socket: OwnSocket) => {
      const { actor } = socket.data

      listen(socket, "arena_send_message", heard.arena_send_message, limits.chat, ({ sessionId, ...said }) =>
        Effect.gen(function* () {
          const begun = yield* arena.send(actor, { ...said, sessionId: sessionId ?? undefined })
          const { session, isNew, message, lanes } = begun
          const tell = tellAll(actor)
          if (isNew) tell("arena_session_created", { session: toArenaSession(session) })
          tell("arena_user_message", { message: toArenaMessage(message), session_id: session.id })
          tellLanes(actor, session.id, lanes)
          return { session_id: session.id, message_id: message.id, answers: lanes.map(namesOf) }
        }),
      )

      listen(
        socket,
        "arena_stop_generation",
        heard.arena_stop_generation,
        limits.other,
        ({ session_id: sessionId }) =>
          Effect.gen(function* () {
            const session = watched.get(sessionId)
            yield* arena.stop(actor, sessionId)
            if (session !== undefined && session.lanes > 0) session.stopped = true
            else if (session?.stopped !== true)
              tellAll(actor)("arena_generation_stopped", { session_id: sessionId })
            return { session_id: sessionId }
          }),
      )

      listen(
        socket,
        "arena_follow_message",
        heard.arena_follow_message,
        limits.other,
        ({ session_id: sessionId, message_id, after = -1 }) =>
          Effect.gen(function* () {
            const message = yield* arena.message(actor, sessionId, message_id)
            const followed = yield* generation.eventsOfAnswer(actor, message_id, after)
            const assistantId = yield* Effect.orDie(Effect.fromNullable(message.assistantId))
            const tell = tellOne(socket)
            const lane = { sessionId, assistantId, ...followed }
            const onStop = Effect.sync(() => tell("arena_generation_stopped", { session_id: sessionId }))
            fork(relay(actor, lane, tell, onStop))
            return { session_id: sessionId, ...namesOf(lane) }
          }),
      )
    }
  })
