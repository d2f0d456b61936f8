import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { ChannelId } from "../../../domain/messaging/Channels/Model"
import { MAX_PARTICIPANTS } from "../../../domain/messaging/DirectMessages/Model"
import { IceServer } from "../../../domain/messaging/IceServers"
import { Call, CallId, CallType, VoiceParticipant } from "../../../domain/messaging/VoiceRooms/Model"
import { UserId } from "../../../domain/shared/Actor"
import { example } from "../../../http/Example"
import { Fields, optionalRenamed, renamed, reportWithFieldErrors } from "../../../http/Fields"

const channelExample = "019bc0f1-2d07-7c3a-9d52-4c6e8a0b2d77"
const ada = "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01"

const participantExample = {
  user_id: ada,
  username: "ada",
  display_name: "Ada Lovelace",
  avatar_url: null,
  joined_at: "2026-01-15T09:30:00.000Z",
}

export const ParticipantBody = Schema.Struct({
  userId: renamed("user_id", UserId),
  username: VoiceParticipant.fields.username,
  name: renamed("display_name", Schema.String),
  avatarUrl: renamed("avatar_url", Schema.NullOr(Schema.String)),
  joinedAt: renamed("joined_at", Schema.Date),
}).annotations({ identifier: "PlexiChatVoiceParticipant", ...example(participantExample) })

const iceServersExample = [
  { urls: ["stun:stun.example.com:3478"] },
  { urls: ["turn:turn.example.com:3478?transport=udp"], username: "parley", credential: "secret" },
]

const joined = {
  iceServers: renamed(
    "ice_servers",
    Schema.Array(
      Schema.Struct({
        urls: IceServer.fields.urls,
        username: IceServer.fields.username,
        credential: IceServer.fields.credential,
      }),
    ),
  ).annotations({ description: "The `iceServers` for `RTCPeerConnection`; credentials are secrets" }),
  socket: Schema.String.annotations({
    description: "The path of the WebSocket that relays signals between the participants",
  }),
}

const participants = Schema.Array(ParticipantBody).annotations({
  description: "Who takes part, in the order in which they joined",
})

/** The path of a room's signalling socket. */
export const socketPath = (roomId: string) => `/v1/ws/voice/${roomId}`

export const VoiceBody = Schema.Struct({ participants, ...joined }).annotations({
  identifier: "PlexiChatVoice",
  ...example({
    participants: [participantExample],
    ice_servers: iceServersExample,
    socket: socketPath(channelExample),
  }),
})

export const callExample = {
  id: "019bc0f1-2d0b-7c3a-9d52-3b5d7f9a1ebb",
  type: "video",
  status: "ringing",
  channel_id: channelExample,
  caller: { id: ada, username: "ada", display_name: "Ada Lovelace" },
  participants: [participantExample],
  created_at: "2026-01-15T09:30:00.000Z",
  answered_at: null,
  ended_at: null,
}

const call = {
  id: CallId,
  type: CallType.annotations({ description: "What the caller began with" }),
  status: Call.fields.status.annotations({
    description:
      "`ringing` until somebody else joins, then `active`; `ended` once everybody has left, or `missed` after 60 seconds without an answer",
  }),
  channelId: renamed("channel_id", ChannelId).annotations({
    description: "The channel or direct conversation whose members may join",
  }),
  caller: Schema.NullOr(
    Schema.Struct({ id: UserId, username: Schema.String, name: renamed("display_name", Schema.String) }),
  ).annotations({ description: "Null for an account that was deleted" }),
  participants,
  createdAt: renamed("created_at", Schema.Date),
  answeredAt: renamed("answered_at", Schema.NullOr(Schema.Date)),
  endedAt: renamed("ended_at", Schema.NullOr(Schema.Date)),
}

export const CallBody = Schema.Struct(call).annotations({
  identifier: "PlexiChatCall",
  ...example(callExample),
})

export const JoinedCallBody = Schema.Struct({ ...call, ...joined }).annotations({
  identifier: "PlexiChatJoinedCall",
  ...example({ ...callExample, ice_servers: iceServersExample, socket: socketPath(callExample.id) }),
})

export const callId = HttpApiSchema.param(
  "id",
  CallId.annotations({ description: "The call's id", ...example(callExample.id) }),
)

export const NewCallBody = Fields({
  type: Schema.optionalWith(CallType, { exact: true, default: () => "video" as const }).annotations({
    description: "What the caller begins with",
  }),
  channelId: optionalRenamed("channel_id", ChannelId).annotations({
    description: "The channel or direct conversation whose members are called",
  }),
  participantIds: optionalRenamed(
    "participant_ids",
    Schema.Array(UserId).pipe(
      Schema.minItems(1, { message: () => "must name at least one user" }),
      Schema.maxItems(MAX_PARTICIPANTS, { message: () => `must be at most ${MAX_PARTICIPANTS} users` }),
    ),
  ).annotations({
    description:
      "The users who are called, at most 10, in their direct conversation; instead of `channel_id`",
  }),
}).pipe(
  Schema.filter(
    ({ channelId, participantIds }) =>
      (channelId === undefined) !== (participantIds === undefined) || {
        path: ["participant_ids"],
        message: "must be given, or else `channel_id`",
      },
    reportWithFieldErrors,
  ),
  Schema.annotations({ ...example({ type: "video", participant_ids: [ada] }) }),
)
