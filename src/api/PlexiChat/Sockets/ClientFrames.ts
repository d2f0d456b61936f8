import { Schema, SchemaAST } from "effect"
import { ChannelId } from "../../../domain/messaging/Channels/Model"
import { PostId } from "../../../domain/messaging/Posts/Model"
import { example } from "../../../http/Example"
import { Fields, optional, optionalRenamed } from "../../../http/Fields"
import { NewMessageBody } from "../Messages/Bodies"
import { PresenceChangeBody } from "../PresenceBody"
import { ack, messageAck, NoData, pong, type ServerFrameDefinition } from "./ServerFrames"

const EventNumber = Schema.Int.pipe(
  Schema.between(0, Number.MAX_SAFE_INTEGER, { message: () => "must be the seq of a frame" }),
)

const after = { description: "The `seq` of the last frame that the client has processed" }

/** The channel or conversation that a frame is about. */
const channelId = optionalRenamed(
  "channel_id",
  ChannelId.annotations({
    description: "The channel or conversation; by default that of the socket, and required on `connect`",
  }),
)

/** A frame that clients send: what it does, its data, and the frame that answers it. */
export interface ClientFrameDefinition<A, I, B, J> {
  readonly description: string
  readonly data: Schema.Schema<A, I>
  readonly reply: ServerFrameDefinition<B, J>
}

/** Declares a frame that clients send. Its fields are in `data`, or next to `type`. */
const frame = <F extends Schema.Struct.Fields, A, I>(
  description: string,
  fields: F,
  value: object,
  reply: ServerFrameDefinition<A, I>,
) => ({ description, data: Fields(fields).annotations(example(value)), reply })

const channelExample = "019bc0f1-2d10-7c3a-9d52-1a2b3c4d5e01"

/** The frames that clients send on every socket, by type. */
export const clientFrames = {
  auth: frame(
    "Authenticates a socket that was opened without a token, as the first frame, within 5 seconds; then `ready`. Later it replaces a token before that expires; then `ack`.",
    {
      token: Schema.String.annotations({ description: "An access token or an API key" }),
      after: optional(EventNumber).annotations(after),
    },
    { token: "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl" },
    ack,
  ),
  ping: { description: "Is answered with `pong`.", data: NoData, reply: pong },
  resume: frame(
    "Sends again all events after a number, in order, and goes on from there without a gap or a repetition; then `ack`. A client that sends it within a second of `ready` gets no other event before. Events older than a day are gone: `error` RESUME_EXPIRED.",
    { after: Schema.propertySignature(EventNumber).annotations(after) },
    { after: 4711 },
    ack,
  ),
  "message.send": frame(
    "Sends a message, or a reply with `thread_id`, as `POST` does; then `ack` with the message. Sent again with the same `client_id`, it is returned and not stored twice, so that a client may repeat what was not acknowledged.",
    {
      channelId,
      threadId: optionalRenamed(
        "thread_id",
        PostId.annotations({ description: "A message, to reply in its thread instead" }),
      ),
      ...NewMessageBody.fields,
    },
    { channel_id: channelExample, content: "Shall we weave algebraical patterns?", client_id: "composer-1" },
    messageAck,
  ),
  "presence.set": frame(
    "Sets the user's presence as `PUT` does, for as long as the user is connected.",
    PresenceChangeBody.fields,
    { status: "away", status_text: "At lunch" },
    ack,
  ),
  typing: frame(
    "Shows the others that the user is writing.",
    { channelId },
    { channel_id: channelExample },
    ack,
  ),
} as const

/** What a client sends: the fields of its type are in `data`, or next to it. */
export const ClientFrame = Schema.Struct({
  type: Schema.String.pipe(Schema.maxLength(64)),
  id: optional(Schema.String.pipe(Schema.maxLength(128)).annotations(example("1"))).annotations({
    description: "A name of the client's choice for this frame, which the answer has as well",
  }),
  data: optional(Schema.Unknown),
})

/** Returns the schema of a whole frame of this type, with its fields in `data`. */
export const clientPayload = (type: string, data: Schema.Schema.AnyNoContext) => {
  const fields = SchemaAST.getPropertySignatures(SchemaAST.encodedAST(data.ast))
  return Schema.Struct({
    type: Schema.Literal(type),
    id: ClientFrame.fields.id,
    data: fields.every(({ isOptional }) => isOptional) ? optional(data) : data,
  })
}
