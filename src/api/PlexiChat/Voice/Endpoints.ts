import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Authenticated } from "../../../http/Authenticated"
import { Fields } from "../../../http/Fields"
import { channelId } from "../Channels/Bodies"
import { enveloped, envelopedPage, pageParams } from "../Envelope"
import { errors } from "../Errors"
import { CallBody, callId, JoinedCallBody, NewCallBody, ParticipantBody, VoiceBody } from "./Bodies"

/** What holds for voice and calls. */
const staying =
  "At most 8 users take part. The user takes part for as long as they have a WebSocket at `socket` open, and leaves 15 seconds after the last one was closed, or if none is opened."

export const endpoints = HttpApiGroup.make("voice")
  .add(
    HttpApiEndpoint.post("v1JoinVoice")`/v1/channels/${channelId}/voice/join`
      .addSuccess(enveloped("Who takes part, and what is needed to connect to them", VoiceBody))
      .addError(errors.ChannelNotFound)
      .addError(errors.NotPermitted)
      .addError(errors.RoomFull)
      .annotate(OpenApi.Summary, "Join voice")
      .annotate(
        OpenApi.Description,
        `Joins the voice of a channel or a direct conversation, each of which has one. Requires \`use_voice\`. Participants connect to each other by WebRTC, and exchange \`offer\`, \`answer\` and \`ice-candidate\` over \`socket\`; who was there first waits for the offers of those who join. ${staying}`,
      ),
  )
  .add(
    HttpApiEndpoint.del("v1LeaveVoice")`/v1/channels/${channelId}/voice/leave`
      .addSuccess(HttpApiSchema.NoContent)
      .addError(errors.ChannelNotFound)
      .annotate(OpenApi.Summary, "Leave voice")
      .annotate(
        OpenApi.Description,
        "Leaves the voice of a channel. Also succeeds if the user is not there.",
      ),
  )
  .add(
    HttpApiEndpoint.get("v1ListVoiceParticipants")`/v1/channels/${channelId}/voice/participants`
      .setUrlParams(Fields(pageParams))
      .addSuccess(envelopedPage("A page of the participants", ParticipantBody))
      .addError(errors.ChannelNotFound)
      .addError(errors.NotPermitted)
      .annotate(OpenApi.Summary, "List voice participants")
      .annotate(
        OpenApi.Description,
        "Returns who is in the voice of a channel, in the order in which they joined. Those in its calls are not listed. Requires `read`.",
      ),
  )
  .add(
    HttpApiEndpoint.post("v1StartCall", "/v1/calls")
      .setPayload(NewCallBody)
      .addSuccess(enveloped("The call", JoinedCallBody), { status: 201 })
      .addSuccess(enveloped("The call that is in progress already", JoinedCallBody))
      .addError(errors.CallNotFound)
      .addError(errors.ChannelNotFound)
      .addError(errors.NotPermitted)
      .addError(errors.RoomFull)
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Start a call")
      .annotate(
        OpenApi.Description,
        `Calls the members of a channel, or the users in \`participant_ids\`, whose direct conversation the call then belongs to. They receive \`call.ringing\`; the caller takes part from the start. A channel or conversation has one call at a time: while there is one, the user joins that, with 200. Requires \`use_voice\`. A call has a room and a WebSocket of its own, with its id, apart from the channel's voice. ${staying}`,
      ),
  )
  .add(
    HttpApiEndpoint.get("v1GetCall")`/v1/calls/${callId}`
      .addSuccess(enveloped("The call", CallBody))
      .addError(errors.CallNotFound)
      .annotate(OpenApi.Summary, "Get a call")
      .annotate(
        OpenApi.Description,
        "Returns a call, also one that is over, to members of its channel or conversation. A call is deleted with its channel.",
      ),
  )
  .add(
    HttpApiEndpoint.post("v1JoinCall")`/v1/calls/${callId}/join`
      .addSuccess(enveloped("The call", JoinedCallBody))
      .addError(errors.CallNotFound)
      .addError(errors.CallEnded)
      .addError(errors.NotPermitted)
      .addError(errors.RoomFull)
      .annotate(OpenApi.Summary, "Join a call")
      .annotate(
        OpenApi.Description,
        `Joins a call; the first to join answers it. Requires \`use_voice\`. The WebSocket at \`socket\`, \`/v1/ws/voice/{id}\` with the call's id, relays the signals of this call. ${staying}`,
      ),
  )
  .add(
    HttpApiEndpoint.del("v1LeaveCall")`/v1/calls/${callId}/leave`
      .addSuccess(HttpApiSchema.NoContent)
      .addError(errors.CallNotFound)
      .annotate(OpenApi.Summary, "Leave a call")
      .annotate(
        OpenApi.Description,
        "Leaves a call, which ends with its last participant. Also succeeds if the user does not take part.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Voice and calls")
  .annotate(
    OpenApi.Description,
    "Voice in channels, and calls. Audio and video go from participant to participant by WebRTC; Parley says who takes part, relays the signals with which they connect, and names ICE servers.",
  )
