import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { Memberships } from "../identity/Memberships"
import type { Actor, UserId } from "../shared/Actor"
import { withTransaction } from "../shared/Transaction"
import { Channels } from "./Channels"
import { type ChannelId, channelScope } from "./Channels/Model"
import { DirectMessages } from "./DirectMessages"
import { IceServers } from "./IceServers"
import { VoiceRooms } from "./VoiceRooms"
import { CallNotFound } from "./VoiceRooms/Errors"
import type { Call, CallId, CallType } from "./VoiceRooms/Model"

/** Whom to call: the members of a channel, or some users in their direct conversation. */
type Callees = { readonly channelId: ChannelId } | { readonly participantIds: ReadonlyArray<UserId> }

/**
 * Lets users call each other. A call belongs to a channel or a direct conversation: its members see it and, with
 * `use_voice`, may join; to others it looks as if it did not exist.
 */
export class Calls extends Effect.Service<Calls>()("Calls", {
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const channels = yield* Channels
    const memberships = yield* Memberships
    const direct = yield* DirectMessages
    const rooms = yield* VoiceRooms
    const iceServers = yield* IceServers

    /** Requires that the actor is a member of the call's channel. */
    const find = Effect.fnUntraced(
      function* (actor: Actor, id: CallId) {
        const call = yield* Effect.flatten(rooms.findCall(id))
        yield* memberships.requireMember(actor, channelScope(call.channelId))
        return call
      },
      Effect.mapError(() => new CallNotFound()),
    )

    const withParticipants = Effect.fnUntraced(function* (call: Call) {
      const participants = yield* rooms.participants({ channelId: call.channelId, callId: call.id })
      return { ...call, participants }
    })

    /** Returns what only participants see: the credentials of ICE servers too. */
    const withIceServers = Effect.fnUntraced(function* (id: CallId) {
      const call = yield* Effect.mapError(Effect.flatten(rooms.findCall(id)), () => new CallNotFound())
      return { ...(yield* withParticipants(call)), iceServers }
    })

    /** Requires permission to talk in a channel, which the actor keeps until the transaction ends. */
    const lockChannel = Effect.fnUntraced(function* (actor: Actor, id: ChannelId) {
      const { id: channelId } = yield* channels.authorize(actor, id, "use_voice")
      yield* rooms.lockChannel(channelId)
      yield* channels.authorize(actor, channelId, "use_voice")
      return channelId
    })

    const startIn = Effect.fnUntraced(function* (actor: Actor, id: ChannelId, type: CallType) {
      return yield* rooms.startCall(yield* lockChannel(actor, id), actor.userId, type)
    }, transaction)

    /**
     * Calls the other members of a channel, or other users in their direct conversation. If these are in a call
     * already, the actor joins it. Requires `use_voice`.
     */
    const start = Effect.fn("Calls.start")(function* (actor: Actor, callees: Callees, type: CallType) {
      const channelId =
        "channelId" in callees
          ? callees.channelId
          : (yield* direct.start(actor, callees.participantIds)).conversation.id
      const { callId, isNew } = yield* startIn(actor, channelId, type)
      return { call: yield* withIceServers(callId), isNew }
    })

    /** Returns a call with its participants. */
    const get = Effect.fn("Calls.get")((actor: Actor, id: CallId) =>
      Effect.flatMap(find(actor, id), withParticipants),
    )

    const enter = Effect.fnUntraced(function* (actor: Actor, id: CallId) {
      const call = yield* find(actor, id)
      const channelId = yield* lockChannel(actor, call.channelId).pipe(
        Effect.catchTag("ScopeNotFound", () => new CallNotFound()),
      )
      yield* rooms.join({ channelId, callId: call.id }, actor.userId)
    }, transaction)

    /** Joins a call, or stays in it. Requires `use_voice`. Without a socket, the actor leaves after a while. */
    const join = Effect.fn("Calls.join")(function* (actor: Actor, id: CallId) {
      yield* enter(actor, id)
      return yield* withIceServers(id)
    })

    /** Leaves a call, which ends with its last participant. Does nothing if the actor is not in it. */
    const leave = Effect.fn("Calls.leave")(function* (actor: Actor, id: CallId) {
      const { id: callId, channelId } = yield* find(actor, id)
      yield* rooms.lockChannel(channelId)
      yield* rooms.leave({ channelId, callId }, actor.userId)
    }, transaction)

    return { start, get, join, leave }
  }),
}) {}
