import type { Effect } from "effect"
import type { GenerationEvent } from "../../../domain/generation/Generations/Model"
import type { Actor } from "../../../domain/shared/Actor"
import type { OwnSocket } from "./Authentication"
import type { Listen } from "./EventHandler"
import type { Told } from "./Events"

/** Says an event, to one socket or to many. */
export type Tell = <E extends keyof Told>(event: E, payload: Told[E]["payload"]["Type"]) => void

/** What the events of a group are heard and told with. */
export interface Voices {
  readonly listen: Listen
  /** Says something to all sockets of a user. */
  readonly tellAll: (actor: Actor) => Tell
  /** Says something to one socket. */
  readonly tellOne: (socket: OwnSocket) => Tell
  /** Goes on with something that outlives the event it began with. */
  readonly fork: (effect: Effect.Effect<void>) => void
}

/** Why an answer broke off. */
export const failureOf = (event: Extract<GenerationEvent, { type: "failed" | "interrupted" }>) =>
  event.type === "failed"
    ? { error: event.error.message, code: event.error.code }
    : { error: "The server was shut down while it was writing this answer.", code: "INTERRUPTED" }
