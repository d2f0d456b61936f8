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
