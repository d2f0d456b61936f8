import { Effect } from "effect"
import { Calls } from "../../../domain/messaging/Calls"
import { VoiceChannels } from "../../../domain/messaging/VoiceChannels"
import { roomIdOf } from "../../../domain/messaging/VoiceRooms/Model"
import { withActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { setCreatedStatus } from "../CreatedStatus"
import { paged } from "../Paging"
import { socketPath } from "./Bodies"
import { endpoints } from "./Endpoints"

export const voice = defineResource({
  group: endpoints,
  prefixes: ["/v1"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const voiceChannels = yield* VoiceChannels
      const calls = yield* Calls
      return handlers
        .handle(
          "v1JoinVoice",
          withActor((actor, { path }) =>
            Effect.map(voiceChannels.join(actor, path.id), ({ room, ...joined }) => ({
              ...joined,
              socket: socketPath(roomIdOf(room)),
            })),
          ),
        )
        .handle(
          "v1LeaveVoice",
          withActor((actor, { path }) => voiceChannels.leave(actor, path.id)),
        )
        .handle(
          "v1ListVoiceParticipants",
          withActor((actor, { path, urlParams }) =>
            paged(urlParams, (range) => voiceChannels.participants(actor, path.id, range)),
          ),
        )
        .handle(
          "v1StartCall",
          withActor((actor, { payload: { type, channelId, participantIds = [] } }) =>
            calls.start(actor, channelId === undefined ? { participantIds } : { channelId }, type).pipe(
              Effect.tap(({ isNew }) => setCreatedStatus(isNew)),
              Effect.map(({ call }) => ({ ...call, socket: socketPath(call.id) })),
            ),
          ),
        )
        .handle(
          "v1GetCall",
          withActor((actor, { path }) => calls.get(actor, path.id)),
        )
        .handle(
          "v1JoinCall",
          withActor((actor, { path }) =>
            Effect.map(calls.join(actor, path.id), (call) => ({ ...call, socket: socketPath(call.id) })),
          ),
        )
        .handle(
          "v1LeaveCall",
          withActor((actor, { path }) => calls.leave(actor, path.id)),
        )
    }),
})
