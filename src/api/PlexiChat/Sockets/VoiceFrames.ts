import { Schema } from "effect"
import { UserId } from "../../../domain/shared/Actor"
import { example } from "../../../http/Example"
import { Fields, optional } from "../../../http/Fields"
import { ack } from "./ServerFrames"

const ada = "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01"

const to = Schema.propertySignature(UserId).annotations({ description: "The participant that it is for" })
const from = Schema.propertySignature(UserId).annotations({ description: "The participant who sent it" })

/** Declares a signal that a participant sends to another, who receives it with `from` instead of `to`. */
const signal = <F extends Schema.Struct.Fields>(
  type: string,
  description: string,
  fields: F,
  value: object,
) => ({
  description,
  data: Fields({ to, ...fields }).annotations(example({ to: ada, ...value })),
  reply: ack,
  relayed: {
    name: type,
    type,
    description: `Another participant sent \`${type}\`.`,
    data: Schema.Struct({ from, ...fields }).annotations(example({ from: ada, ...value })),
  },
})

const description = (kind: string) => ({
  sdp: Schema.propertySignature(Schema.String).annotations({ description: `The SDP of the ${kind}` }),
})

const iceCandidate = Schema.NullOr(
  Schema.Struct({
    candidate: Schema.String,
    sdpMid: optional(Schema.NullOr(Schema.String)),
    sdpMLineIndex: optional(Schema.NullOr(Schema.Int)),
    usernameFragment: optional(Schema.NullOr(Schema.String)),
  }),
)

const sdp = { sdp: "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" }

/** The frames that participants send each other, on voice sockets only, by type. */
export const signalFrames = {
  offer: signal("offer", "Offers another participant a connection.", description("offer"), sdp),
  answer: signal("answer", "Accepts an offer of another participant.", description("answer"), sdp),
  "ice-candidate": signal(
    "ice-candidate",
    "Sends another participant an address to connect to.",
    {
      candidate: Schema.propertySignature(iceCandidate).annotations({
        description: "The `RTCIceCandidateInit`; null after the last one",
      }),
    },
    {
      candidate: {
        candidate: "candidate:1 1 udp 2130706431 127.0.0.1 50000 typ host",
        sdpMid: "0",
        sdpMLineIndex: 0,
      },
    },
  ),
  mute: signal(
    "mute",
    "Shows another participant whether the user sends anything.",
    {
      muted: Schema.propertySignature(Schema.Boolean).annotations({ description: "Whether nothing is sent" }),
      media: optional(Schema.Literal("audio", "video")).annotations({
        description: "What is muted; by default the audio",
      }),
    },
    { muted: true, media: "audio" },
  ),
} as const
