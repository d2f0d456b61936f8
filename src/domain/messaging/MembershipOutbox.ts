import { Effect, Layer } from "effect"
import { MembershipEvents } from "../identity/MembershipEvents"
import type { Scope } from "../identity/Memberships/Model"
import { ChannelId } from "./Channels/Model"
import { Outbox } from "./Outbox"
import { VoiceRooms } from "./VoiceRooms"

/**
 * Puts changes of the members of channels into the outbox, and lets former members leave voice and calls. Changes of
 * other scopes do not go there.
 */
export const layer = Layer.effect(
  MembershipEvents,
  Effect.gen(function* () {
    const outbox = yield* Outbox
    const rooms = yield* VoiceRooms
    const ofChannel = ({ kind }: Scope, append: Effect.Effect<void>) =>
      kind === "channel" ? append : Effect.void
    return MembershipEvents.of({
      added: (scope, userId) =>
        ofChannel(
          scope,
          outbox.append({ scopeId: scope.id }, { type: "member_added", scopeId: scope.id, userId }),
        ),
      removed: (scope, userId) =>
        ofChannel(
          scope,
          Effect.zipRight(
            rooms.leaveAll(ChannelId.make(scope.id), userId),
            outbox.append(
              { scopeId: scope.id, userIds: [userId] },
              { type: "member_removed", scopeId: scope.id, userId },
            ),
          ),
        ),
      deleted: (scope, userIds) =>
        ofChannel(
          scope,
          outbox.append(
            { scopeId: scope.id, userIds },
            { type: "channel_deleted", channelId: ChannelId.make(scope.id) },
          ),
        ),
    })
  }),
)
