import type { Socket } from "@effect/platform"
import type { ServerWebSocket, WebSocketHandler } from "bun"
import { Data, Effect } from "effect"
import { maxMessageSize, SocketPeer } from "./EffectSocket"
import type { Exchange } from "./PendingResponse"
import type { Peer } from "./WebSocketHandler"

/** This request does not ask for a websocket, or its connection is gone. */
export class NotUpgradeable extends Data.TaggedError("NotUpgradeable") {}

/** The most that may wait for a slow reader. A writer waits long before, so it holds one message. */
const backpressureLimit = 16 * 1024 * 1024

/**
 * Bun's side of every websocket on the port. `open` collects those that are open; the largest message
 * of any kind of peer is let through, in bytes, and each kind refuses what is too large for itself.
 */
export const websocketHandler = (
  open: Set<ServerWebSocket<Peer>>,
  largest = maxMessageSize,
): WebSocketHandler<Peer> => ({
  maxPayloadLength: Math.max(largest, maxMessageSize),
  backpressureLimit,
  perMessageDeflate: false,
  // After this many seconds without a word a peer is pinged, and given up if it does not answer.
  idleTimeout: 60,
  sendPings: true,
  open(ws) {
    ws.binaryType = "uint8array"
    open.add(ws)
    ws.data.opened(ws)
  },
  message: (ws, message) => ws.data.received(message),
  drain: (ws) => ws.data.drained(),
  close(ws, code, reason) {
    open.delete(ws)
    ws.data.closed(code, reason)
  },
})

/**
 * Turns a request's connection into a websocket. It is closed when `run` ends: with 1000, or with
 * 1011 if that was a failure; `run` ends when the other side closes.
 */
export const upgrade = (exchange: Exchange): Effect.Effect<Socket.Socket, NotUpgradeable> =>
  Effect.suspend(() => {
    const peer = new SocketPeer()
    if (!exchange.server.upgrade(exchange.source, { data: peer })) return new NotUpgradeable()
    exchange.handOver(peer)
    return Effect.as(peer.ready, peer.socket)
  })
