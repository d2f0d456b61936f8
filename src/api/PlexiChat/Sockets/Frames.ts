import type { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import type { Schema } from "effect"
import { MessagingEvent } from "../../../domain/messaging/Outbox/Model"
import { cookieName } from "../../../http/Authenticated"
import type { ClientFrame, WebSocketContract, WebSocketFrames } from "../../../http/SocketContract"
import { clientFrames, clientPayload } from "./ClientFrames"
import { closeCodes } from "./CloseCodes"
import type { endpoints } from "./Endpoints"
import { eventFrames } from "./EventFrames"
import { noticeFrames } from "./NoticeFrames"
import { errorFrame, ready, serverPayload } from "./ServerFrames"
import { tokenProtocol } from "./SocketAuthentication"
import { signalFrames } from "./VoiceFrames"

interface Definition {
  readonly name: string
  readonly type: string
  readonly description: string
  readonly data: Schema.Schema.AnyNoContext
}

const toServerFrames = (frames: ReadonlyArray<Definition>) =>
  Object.fromEntries(
    frames.map(({ name, type, description, data }) => [
      name,
      { description, payload: serverPayload({ type, data }) },
    ]),
  )

/** Names the frames of clients after their types, which some frames of the server have as well. */
const toClientFrames = (
  frames: Readonly<Record<string, Omit<Definition, "name" | "type"> & { readonly reply: Definition }>>,
) =>
  Object.fromEntries(
    Object.entries(frames).map(([type, { description, data, reply }]): [string, ClientFrame] => [
      `client.${type}`,
      { description, payload: clientPayload(type, data), replies: [reply.name, errorFrame.name] },
    ]),
  )

/** The frames of events about calls and the voice of channels, which are all that voice sockets show. */
const voiceEventFrames = MessagingEvent.members.flatMap(({ fields }) =>
  "call" in fields || "callId" in fields ? [eventFrames[fields.type.literals[0]]] : [],
)

const common = [ready, errorFrame, ...Object.values(noticeFrames)]
const signals = Object.values(signalFrames)

const follow = (name: string): WebSocketFrames => ({
  name,
  serverFrames: toServerFrames([...common, ...Object.values(eventFrames)]),
  clientFrames: toClientFrames(clientFrames),
})

type EndpointName = HttpApiEndpoint.HttpApiEndpoint.Name<
  HttpApiGroup.HttpApiGroup.Endpoints<typeof endpoints>
>

/** What the WebSockets carry, and how clients authenticate. */
export const webSockets: WebSocketContract = {
  description: `The WebSockets of PlexiChat, in addition to the HTTP operations of \`openapi/plexichat.json\`.
Operations are described from the server's side: it **receives** what a client sends, and **sends** what a client
listens to. Everything that is sent after the last \`seq\` is sent again to a client that connects with \`?after=\` or
sends \`resume\`, for a day. A client's fields may also be next to \`type\` instead of in \`data\`.`,
  securitySchemes: {
    bearer: {
      type: "http",
      scheme: "bearer",
      bearerFormat: "JWT",
      description: "An access token, or an API key.",
    },
    apiKey: { type: "httpApiKey", in: "header", name: "X-API-Key", description: "An API key." },
    query: {
      type: "httpApiKey",
      in: "query",
      name: "token",
      description: "An access token or an API key, for clients that cannot send headers.",
    },
    subprotocol: {
      type: "httpApiKey",
      in: "header",
      name: "Sec-WebSocket-Protocol",
      description: `\`${tokenProtocol}, <token>\`: an access token or an API key as the second subprotocol, for browsers; the server chooses the first.`,
    },
    cookie: {
      type: "httpApiKey",
      in: "cookie",
      name: cookieName,
      description: "The session cookie, with an `Origin` that the server allows.",
    },
    frame: {
      type: "apiKey",
      in: "user",
      description: "The frame `auth`, as the first one, within 5 seconds of connecting without a token.",
    },
  },
  closeCodes: Object.values(closeCodes),
  replies: toServerFrames([...Object.values(clientFrames), ...signals].map(({ reply }) => reply)),
  sockets: {
    v1Connect: follow("connect"),
    v1ConnectToChannel: follow("channel"),
    v1ConnectToConversation: follow("dm"),
    v1ConnectToVoice: {
      name: "voice",
      serverFrames: toServerFrames([
        ...common,
        ...voiceEventFrames,
        ...signals.map(({ relayed }) => relayed),
      ]),
      clientFrames: toClientFrames({ ...clientFrames, ...signalFrames }),
    },
  } satisfies Readonly<Record<EndpointName, WebSocketFrames>>,
}
