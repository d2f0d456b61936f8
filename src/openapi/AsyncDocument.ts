import type { JsonSchema, NamedExample, Reference } from "./Document"

/** A message and examples of its payload. */
export interface Message {
  readonly name: string
  readonly title: string
  readonly summary: string
  readonly contentType: "application/json"
  readonly tags: ReadonlyArray<Reference>
  readonly payload: JsonSchema
  readonly examples?: ReadonlyArray<{ readonly summary: NamedExample["summary"]; readonly payload: unknown }>
}

export interface Channel {
  /** The path; null for a channel without its own. */
  readonly address: string | null
  readonly title: string
  readonly description: string
  readonly servers: ReadonlyArray<Reference>
  readonly messages: Readonly<Record<string, Message>>
}

interface MessageRefs {
  readonly channel: Reference
  readonly messages: ReadonlyArray<Reference>
}

/** An operation of the server: it receives the events of clients and sends its own. */
export interface EventOperation extends MessageRefs {
  readonly action: "send" | "receive"
  readonly title: string
  readonly description: string
  readonly tags: ReadonlyArray<Reference>
  readonly reply?: MessageRefs
}

/** An AsyncAPI 3.1 document, limited to the fields that Parley uses. */
export interface AsyncDocument {
  readonly asyncapi: "3.1.0"
  readonly info: Readonly<Record<string, unknown>>
  readonly defaultContentType: "application/json"
  readonly servers: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly channels: Readonly<Record<string, Channel>>
  readonly operations: Readonly<Record<string, EventOperation>>
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}
