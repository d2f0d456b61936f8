import { Schema } from "effect"
import type { EventApi } from "../../../http/SocketContract"
import * as Arena from "./ArenaEvents"
import * as Chat from "./ChatEvents"
import examples from "./examples.json" with { type: "json" }
import { Hints, Refusal } from "./Payload"

const connection = {
  authenticated: {
    description: "Said once after connecting: who the socket belongs to.",
    payload: Schema.Struct({ user_id: Schema.String }),
  },
  error: {
    description: "What a client sent could not be done. The socket lives on.",
    payload: Schema.Struct({
      message: Schema.String,
      code: Schema.String,
      event: Schema.String.annotations({ description: "The event that it is about" }),
      ...Hints,
    }),
  },
} as const

const told = { ...connection, ...Chat.told, ...Arena.told } as const
/** What a client may send, by the name of the event. */
export const heard = { ...Chat.heard, ...Arena.heard } as const

/** What this server says, by the name of the event. */
export type Told = typeof told

export type Heard = typeof heard

/** The events of Uni-Chat's document, and what they need beside. */
export const events: EventApi = {
  address: "/socket.io",
  description:
    "One Socket.IO connection, in the main namespace, on websocket or on polling. Every event has one object. What a client sends may have a callback as its last argument, which is called with how that went; what happens then is told to all sockets of the user.",
  signIn:
    'An access token as `token` in the client\'s `auth`: `io(url, { auth: { token } })`. The socket is cut off when the session behind the token ends. Without one the client gets a `connect_error` whose `data` is `{code: "UNAUTHORIZED"}`.',
  groups: [
    { title: "Connection", description: "What is said of the socket itself.", told: connection, heard: {} },
    {
      title: "Chat",
      description: "Prompts and answers as they are written.",
      told: Chat.told,
      heard: Chat.heard,
    },
    {
      title: "Arena",
      description: "The same prompt to several configs, side by side.",
      told: Arena.told,
      heard: Arena.heard,
    },
  ],
  refusal: Schema.Struct({ ok: Schema.Literal(false), ...Refusal, ...Hints }),
  examples,
}
