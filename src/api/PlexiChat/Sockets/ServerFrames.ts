import { Schema } from "effect"
import { ScopeId } from "../../../domain/identity/Memberships/Model"
import { CallId } from "../../../domain/messaging/VoiceRooms/Model"
import { UserId } from "../../../domain/shared/Actor"
import { example } from "../../../http/Example"
import { optional } from "../../../http/Fields"
import { Timestamp } from "../../../http/Params"
import { ErrorData } from "../Envelope"
import { MessageBody } from "../Messages/Bodies"

/** A frame that the server sends: its type, when it is sent, and its data. */
export interface ServerFrameDefinition<A, I> {
  /** Its type, unless there are others of that type with other data. */
  readonly name: string
  readonly type: string
  readonly description: string
  readonly data: Schema.Schema<A, I>
}

export const serverFrame = <A, I>(
  type: string,
  description: string,
  data: Schema.Schema<A, I>,
  name = type,
): ServerFrameDefinition<A, I> => ({ name, type, description, data })

/** The data of a frame whose type says everything. */
export const NoData = Schema.Struct({}).annotations({ jsonSchema: { type: "object" }, ...example({}) })

/** Answers a frame that only a client needs answered which gave it an id. */
export const ack = serverFrame(
  "ack",
  "A frame of the client with an `id` was handled. Frames without an `id` get none.",
  NoData,
)

export const messageAck = serverFrame(
  "ack",
  "The client's message was sent.",
  Schema.Struct({ message: MessageBody }),
  "message.send.ack",
)

export const pong = serverFrame("pong", "Answers `ping`.", NoData)

export const ready = serverFrame(
  "ready",
  "The first frame on every socket, once the client is authenticated.",
  Schema.Struct({
    user_id: UserId.annotations({ description: "The user whom the client authenticated as" }),
    channel_id: optional(ScopeId).annotations({
      description: "The channel or conversation that the socket is for; absent on `connect`",
    }),
    call_id: optional(Schema.NullOr(CallId)).annotations({
      description: "On a voice socket, the call that it is for; null for the voice of the channel itself",
    }),
  }).annotations(
    example({
      user_id: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
      channel_id: "019bc0f1-2d07-7c3a-9d52-4c6e8a0b2d77",
    }),
  ),
)

export const errorFrame = serverFrame(
  "error",
  "A frame of the client was not handled, or what it missed cannot be sent again. The socket stays open, unless the client failed to authenticate or sends too much.",
  Schema.Struct({
    ...ErrorData.fields,
    retry_after: optional(Schema.Int).annotations({
      description: "Seconds to wait, with `RATE_LIMITED`",
    }),
  }).annotations(
    example({
      code: "VALIDATION_ERROR",
      message: "content: is required",
      details: {
        field: "content",
        reason: "is required",
        fields: [{ field: "content", reason: "is required" }],
      },
    }),
  ),
)

/** Returns the schema of a whole frame of the server. */
export const serverPayload = ({ type, data }: { readonly type: string; readonly data: Schema.Schema.All }) =>
  Schema.Struct({
    type: Schema.Literal(type),
    id: optional(Schema.String).annotations({
      description: "The `id` of the client's frame that it answers",
    }),
    seq: Schema.Int.annotations({
      description: "The number of this event, or of the last one before, to resume after it",
      ...example(4711),
    }),
    timestamp: Schema.propertySignature(Timestamp).annotations({ description: "When it happened" }),
    data,
  })
