import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { Memberships } from "../identity/Memberships"
import type { Actor } from "../shared/Actor"
import type { OffsetLimit } from "../shared/Page"
import { withTransaction } from "../shared/Transaction"
import { Channels } from "./Channels"
import { ChannelId, channelScope } from "./Channels/Model"
import { IceServers } from "./IceServers"
import { VoiceRooms } from "./VoiceRooms"
import type { Room } from "./VoiceRooms/Model"

/** Lets users talk in channels and direct conversations, each of which has a voice room. */
export class VoiceChannels extends Effect.Service<VoiceChannels>()("VoiceChannels", {
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const channels = yield* Channels
    const memberships = yield* Memberships
    const rooms = yield* VoiceRooms
    const iceServers = yield* IceServers

    const roomOf = (channelId: ChannelId): Room => ({ channelId, callId: null })

    const enter = Effect.fnUntraced(function* (actor: Actor, id: ChannelId) {
      const { id: channelId } = yield* channels.authorize(actor, id, "use_voice")
      yield* rooms.lockChannel(channelId)
      yield* channels.authorize(actor, channelId, "use_voice")
      yield* rooms.join(roomOf(channelId), actor.userId).pipe(Effect.catchTag("CallEnded", Effect.die))
      return roomOf(channelId)
    }, transaction)

    /**
     * Joins a channel's voice, or stays there. Requires `use_voice`. Without a socket, the actor leaves after a
     * while.
     */
    const join = Effect.fn("VoiceChannels.join")(function* (actor: Actor, id: ChannelId) {
      const room = yield* enter(actor, id)
      return { room, participants: yield* rooms.participants(room), iceServers }
    })

    /** Leaves a channel's voice. Does nothing if the actor is not there. */
    const leave = Effect.fn("VoiceChannels.leave")(function* (actor: Actor, id: ChannelId) {
      const channelId = ChannelId.make(id.toLowerCase())
      yield* memberships.requireMember(actor, channelScope(channelId))
      yield* rooms.lockChannel(channelId)
      yield* rooms.leave(roomOf(channelId), actor.userId)
    }, transaction)

    /** Lists those in a channel's voice, in the order in which they joined. Requires `read`. */
    const participants = Effect.fn("VoiceChannels.participants")(function* (
      actor: Actor,
      id: ChannelId,
      { offset, limit }: OffsetLimit,
    ) {
      const { id: channelId } = yield* channels.authorize(actor, id, "read")
      const all = yield* rooms.participants(roomOf(channelId))
      return { total: all.length, items: all.slice(offset, offset + limit) }
    })

    return { join, leave, participants }
  }),
}) {}
