import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { ChannelId } from "../../../domain/messaging/Channels/Model"
import { UnsafeGet } from "../../../http/Annotations"
import { example } from "../../../http/Example"
import { Fields } from "../../../http/Fields"
import { errors } from "../Errors"

const EventNumber = Schema.compose(
  Schema.String.pipe(Schema.pattern(/^\d{1,15}$/, { message: () => "must be the seq of a frame" })),
  Schema.NumberFromString,
)

const params = Fields({
  token: Schema.optional(Schema.String).annotations({
    description: "An access token or an API key, for clients that cannot send headers",
  }),
  after: Schema.optional(EventNumber).annotations({
    description: "The `seq` of the last frame that the client has processed, to resume after it",
  }),
})

const switching = HttpApiSchema.Empty(101).annotations({ description: "The connection is a WebSocket now" })

const idParam = <const Name extends string>(name: Name, description: string) =>
  HttpApiSchema.param(
    name,
    ChannelId.annotations({ description, ...example("019bc0f1-2d07-7c3a-9d52-4c6e8a0b2d77") }),
  )

const frames =
  'Frames are JSON objects in text messages, `{type, id?, seq, timestamp, data}`. Authenticate with a header, `token`, the subprotocols `bearer, <token>`, a cookie from an allowed origin, or a first frame `{type: "auth", token}` within 5 seconds.'

export const endpoints = HttpApiGroup.make("sockets")
  .add(
    HttpApiEndpoint.get("v1Connect", "/v1/ws/connect")
      .setUrlParams(params)
      .addSuccess(switching)
      .annotate(OpenApi.Summary, "Connect")
      .annotate(OpenApi.Description, `Opens a WebSocket with everything that the user may see. ${frames}`),
  )
  .add(
    HttpApiEndpoint.get("v1ConnectToChannel")`/v1/ws/channels/${idParam("id", "The channel's id")}`
      .setUrlParams(params)
      .addSuccess(switching)
      .addError(errors.ChannelNotFound)
      .addError(errors.NotPermitted)
      .annotate(OpenApi.Summary, "Connect to a channel")
      .annotate(OpenApi.Description, `Opens a WebSocket with what happens in one channel. ${frames}`),
  )
  .add(
    HttpApiEndpoint.get(
      "v1ConnectToConversation",
    )`/v1/ws/dm/${idParam("conversation_id", "The conversation's id")}`
      .setUrlParams(params)
      .addSuccess(switching)
      .addError(errors.ChannelNotFound)
      .addError(errors.NotPermitted)
      .annotate(OpenApi.Summary, "Connect to a conversation")
      .annotate(
        OpenApi.Description,
        `Opens a WebSocket with what happens in one conversation of direct messages. ${frames}`,
      ),
  )
  .add(
    HttpApiEndpoint.get(
      "v1ConnectToVoice",
    )`/v1/ws/voice/${idParam("channel_id", "The id of a channel or a direct conversation, or of a call")}`
      .setUrlParams(params)
      .addSuccess(switching)
      .addError(errors.ChannelNotFound)
      .addError(errors.NotPermitted)
      .annotate(OpenApi.Summary, "Connect to voice")
      .annotate(
        OpenApi.Description,
        `Opens a WebSocket with who joins and leaves the voice of a channel, or a call, which relays the signals of the participants: \`offer\`, \`answer\`, \`ice-candidate\` and \`mute\` with \`to\`, a user's id, reach that participant alone, with \`from\` instead. Requires \`use_voice\`. Join by \`POST /v1/channels/{id}/voice/join\` or \`POST /v1/calls/{id}/join\`. It is closed with 1000 when its call is over. ${frames}`,
      ),
  )
  .annotate(UnsafeGet, true)
  .annotate(OpenApi.Title, "WebSockets")
  .annotate(
    OpenApi.Description,
    "WebSockets with what happens, as it happens. Their frames are in `asyncapi/plexichat.json`.",
  )
