import type { HttpServerRequest } from "@effect/platform"
import { Effect } from "effect"

/** An open WebSocket. All methods are synchronous, and none of them throws. */
export interface WebSocketConnection {
  /** Queues a text frame. Returns 0 if it was dropped because the queue is full or the connection is closed. */
  readonly send: (text: string) => number
  readonly close: (code: number, reason?: string) => void
  /** Closes the connection without a close frame and drops what is queued. */
  readonly terminate: () => void
  /** Stops reading what the client sends, until `resume`. */
  readonly pause: () => void
  readonly resume: () => void
  /** The bytes that are queued because the client reads too slowly. */
  readonly getBufferedAmount: () => number
}

/** Handles the events of one WebSocket with plain calls, which cost a quiet connection no fiber. */
export interface WebSocketListener {
  readonly onOpen: (connection: WebSocketConnection) => void
  readonly onMessage: (message: string | Uint8Array) => void
  /** Called when the queue has drained. */
  readonly onDrain: () => void
  readonly onClose: (code: number) => void
}

/** A request whose server can hand its connection over to a listener. */
interface UpgradeableRequest {
  readonly upgradeTo: (listener: WebSocketListener, headers: Readonly<Record<string, string>>) => boolean
}

const isUpgradeable = (
  request: HttpServerRequest.HttpServerRequest,
): request is HttpServerRequest.HttpServerRequest & UpgradeableRequest => "upgradeTo" in request

/** Whether a request asks for a WebSocket, as a handshake does. The rest of it is checked by `upgrade`. */
export const isHandshake = ({ headers }: HttpServerRequest.HttpServerRequest): boolean =>
  headers["upgrade"]?.toLowerCase() === "websocket" &&
  /(?:^|,)\s*upgrade\s*(?:,|$)/i.test(headers["connection"] ?? "")

/**
 * Upgrades a request's connection to a WebSocket that outlives the handling of the request, with these headers
 * on the response. Returns false if the request is no valid handshake.
 */
export const upgrade = (
  request: HttpServerRequest.HttpServerRequest,
  listener: WebSocketListener,
  headers: Readonly<Record<string, string>>,
) => Effect.sync(() => isUpgradeable(request) && request.upgradeTo(listener, headers))
