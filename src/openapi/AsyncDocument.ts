import type { JsonSchema, NamedExample, Reference } from "./Document"

/** Something that is sent, and examples of it. */
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
  /** Null: it has none of its own. */
  readonly address: string | null
  readonly title: string
  readonly description: string
  readonly servers: ReadonlyArray<Reference>
  readonly messages: Readonly<Record<string, Message>>
}

interface Sent {
  readonly channel: Reference
  readonly messages: ReadonlyArray<Reference>
}

/** What the server does with a message: it hears what clients say, and tells them things. */
export interface EventOperation extends Sent {
  readonly action: "send" | "receive"
  readonly title: string
  readonly description: string
  readonly tags: ReadonlyArray<Reference>
  readonly reply?: Sent
}

/** An AsyncAPI 3.1 document: the part of the format that Parley speaks. */
export interface AsyncDocument {
  readonly asyncapi: "3.1.0"
  readonly info: Readonly<Record<string, unknown>>
  readonly defaultContentType: "application/json"
  readonly servers: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly channels: Readonly<Record<string, Channel>>
  readonly operations: Readonly<Record<string, EventOperation>>
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}
