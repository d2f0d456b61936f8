import type { Schema } from "effect"
import type { ApiKeyScope } from "../domain/shared/Actor"

/** An event or a frame with one object as its payload. */
export interface SocketEvent {
  readonly description: string
  readonly payload: Schema.Schema.All
}

/** An event that clients emit. `reply`: the acknowledgement on success. `scope`: what an API key needs. */
export interface ClientEvent extends SocketEvent {
  readonly reply: Schema.Schema.All
  readonly scope: ApiKeyScope
}

/** A group of related events. */
interface EventGroup {
  readonly title: string
  readonly description: string
  /** Events that the server emits, by name. */
  readonly serverEvents: Readonly<Record<string, SocketEvent>>
  /** Events that clients emit, by name. */
  readonly clientEvents: Readonly<Record<string, ClientEvent>>
}

/** The Socket.IO events of a contract. */
export interface SocketContract {
  /** The path that clients connect to. */
  readonly address: string
  readonly description: string
  /** How a client authenticates. */
  readonly authentication: string
  readonly groups: ReadonlyArray<EventGroup>
  /** The acknowledgement on failure. */
  readonly errorReply: Schema.Schema.All
}

/** How a client may authenticate, as AsyncAPI describes it. */
export interface SecurityScheme {
  readonly type: "http" | "httpApiKey" | "apiKey"
  readonly description: string
  /** The scheme of the `Authorization` header. */
  readonly scheme?: "bearer"
  readonly bearerFormat?: string
  /** Where a token is expected, and the name of the parameter, header or cookie. */
  readonly in?: "query" | "header" | "cookie" | "user"
  readonly name?: string
}

/** A frame that clients send. `replies`: the names of the frames of which one answers it. */
export interface ClientFrame extends SocketEvent {
  readonly replies: ReadonlyArray<string>
}

/** What one of a contract's WebSockets carries. */
export interface WebSocketFrames {
  readonly name: string
  /** Frames that the server sends, by name. */
  readonly serverFrames: Readonly<Record<string, SocketEvent>>
  /** Frames that clients send, by names that none of the server has. */
  readonly clientFrames: Readonly<Record<string, ClientFrame>>
}

/** The WebSockets of a contract, besides what their endpoints say. */
export interface WebSocketContract {
  readonly description: string
  readonly securitySchemes: Readonly<Record<string, SecurityScheme>>
  readonly closeCodes: ReadonlyArray<{ readonly code: number; readonly meaning: string }>
  /** Frames that only answer one of a client's, by name. */
  readonly replies: Readonly<Record<string, SocketEvent>>
  /** The frames of each socket, by the name of the endpoint that opens it. */
  readonly sockets: Readonly<Record<string, WebSocketFrames>>
}
