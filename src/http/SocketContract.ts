import type { Schema } from "effect"

/** Something said over a lasting connection, with one object. */
interface Event {
  readonly description: string
  readonly payload: Schema.Schema.All
}

/** What a client may say. `reply`: what it is called back with when that went well. */
interface Heard extends Event {
  readonly reply: Schema.Schema.All
}

/** Events that belong together. */
interface EventGroup {
  readonly title: string
  readonly description: string
  /** What the server says. */
  readonly told: Readonly<Record<string, Event>>
  /** What clients may say. */
  readonly heard: Readonly<Record<string, Heard>>
}

/** Something that was said to a running server, or by it. `reply`: what the server called back with. */
export interface EventExample {
  readonly summary: string
  readonly payload: unknown
  readonly reply?: unknown
}

/** The events of a contract, which every connection carries in both directions. */
export interface EventApi {
  /** Where clients connect. */
  readonly address: string
  readonly description: string
  /** How a client says who it is. */
  readonly signIn: string
  readonly groups: ReadonlyArray<EventGroup>
  /** What a client is called back with when what it said could not be done. */
  readonly refusal: Schema.Schema.All
  /** By the name of the event. */
  readonly examples: Readonly<Record<string, ReadonlyArray<EventExample>>>
}
