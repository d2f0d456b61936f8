import { Schema } from "effect"
import { example } from "../../../http/Example"
import type { SocketContract } from "../../../http/SocketContract"
import * as Arena from "./ArenaEvents"
import * as Changes from "./ChangeForwarder"
import * as Chat from "./ChatEvents"
import { ErrorDetails, ErrorFields, UserId } from "./PayloadFields"

const connectionEvents = {
  authenticated: {
    description: "Sent once after connecting, with the socket's user.",
    payload: Schema.Struct({ user_id: UserId }),
  },
  error: {
    description: "Handling a client's event failed. The socket stays connected.",
    payload: Schema.Struct({
      message: Schema.String,
      code: Schema.String,
      event: Schema.String.annotations({ description: "The name of the event that failed" }),
      ...ErrorDetails,
    }).annotations(
      example({
        message: "message is required",
        code: "VALIDATION_ERROR",
        event: "send_message",
        details: "message: is required",
        fields: [{ field: "message", message: "is required" }],
      }),
    ),
  },
} as const

const serverEvents = {
  ...connectionEvents,
  ...Changes.serverEvents,
  ...Chat.serverEvents,
  ...Arena.serverEvents,
} as const
/** Events that clients emit, by name. */
export const clientEvents = { ...Chat.clientEvents, ...Arena.clientEvents } as const

/** Events that the server emits, by name. */
export type ServerEvents = typeof serverEvents

export type ClientEvents = typeof clientEvents

/** The Socket.IO contract: the document's events, and those that following an answer needs in addition. */
export const events: SocketContract = {
  address: "/socket.io",
  description:
    "One Socket.IO connection in the main namespace, over WebSocket or HTTP polling. Every event has one object as its payload. A client may pass a callback as the last argument, which receives the acknowledgement. Resulting events are sent to all sockets of the user.",
  authentication:
    'An access token as `token` in the client\'s `auth`: `io(url, { auth: { token } })`. The server disconnects the socket when the session of the token is revoked. An API key serves as well: connecting and following need its scope `read`, other events `write`. Without a valid token the client receives a `connect_error` whose `data` is `{code: "UNAUTHORIZED"}`; `INSUFFICIENT_SCOPE` for a key that may not read.',
  groups: [
    {
      title: "Connection",
      description: "The connection itself.",
      serverEvents: connectionEvents,
      clientEvents: {},
    },
    {
      title: "Changes",
      description: "Changes of chats, messages, projects and organizations.",
      serverEvents: Changes.serverEvents,
      clientEvents: {},
    },
    {
      title: "Chat",
      description: "Prompts, and answers as they are generated.",
      serverEvents: Chat.serverEvents,
      clientEvents: Chat.clientEvents,
    },
    {
      title: "Arena",
      description: "One prompt to several configs, whose answers are generated in parallel.",
      serverEvents: Arena.serverEvents,
      clientEvents: Arena.clientEvents,
    },
  ],
  errorReply: Schema.Struct({ ok: Schema.Literal(false), ...ErrorFields, ...ErrorDetails }).annotations(
    example({
      ok: false,
      error: "message is required",
      code: "VALIDATION_ERROR",
      details: "message: is required",
      fields: [{ field: "message", message: "is required" }],
    }),
  ),
}
