import type { Socket } from "@effect/platform"
import type { WebSocketHandler as BunWebSocketHandler, ServerWebSocket } from "bun"
import { Data, Effect } from "effect"
import { EffectSocket, maxMessageSize } from "./EffectSocket"
import type { PendingResponse } from "./PendingResponse"
import type { WebSocketHandler } from "./WebSocketHandler"

/** The request is not a WebSocket handshake, or its connection is closed. */
export class NotUpgradeable extends Data.TaggedError("NotUpgradeable") {}

/** Bytes that Bun buffers for a slow client. Writers wait long before, so in effect it bounds one message. */
const backpressureLimit = 16 * 1024 * 1024

/**
 * Makes Bun's handler for every WebSocket on the port; it delegates to the handler in `ws.data`.
 * `openSockets` collects the open ones. Bun enforces the largest limit of all protocols, in bytes, and
 * each protocol rejects larger messages than its own.
 */
export const bunWebSocketHandler = (
  openSockets: Set<ServerWebSocket<WebSocketHandler>>,
  maxPayload = maxMessageSize,
): BunWebSocketHandler<WebSocketHandler> => ({
  maxPayloadLength: Math.max(maxPayload, maxMessageSize),
  backpressureLimit,
  perMessageDeflate: false,
  // After this many seconds of silence Bun pings the client, and closes if no pong arrives.
  idleTimeout: 60,
  sendPings: true,
  open(ws) {
    ws.binaryType = "uint8array"
    openSockets.add(ws)
    ws.data.onOpen(ws)
  },
  message: (ws, message) => ws.data.onMessage(message),
  drain: (ws) => ws.data.onDrain(),
  close(ws, code, reason) {
    openSockets.delete(ws)
    ws.data.onClose(code, reason)
  },
})

/**
 * Upgrades a request's connection to a WebSocket. Running the socket ends when the client closes;
 * when it ends first, the server closes with 1000, or with 1011 after a failure.
 */
export const upgrade = (pending: PendingResponse): Effect.Effect<Socket.Socket, NotUpgradeable> =>
  Effect.suspend(() => {
    const socket = new EffectSocket()
    if (!pending.upgrade(socket)) return new NotUpgradeable()
    pending.socket = socket
    return Effect.as(socket.ready, socket.socket)
  })
