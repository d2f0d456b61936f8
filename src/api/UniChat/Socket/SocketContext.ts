import type { Effect } from "effect"
import type { GenerationEvent } from "../../../domain/generation/Generations/Model"
import type { Actor } from "../../../domain/shared/Actor"
import type { AuthenticatedSocket } from "./Authentication"
import type { On } from "./EventHandler"
import type { ServerEvents } from "./Events"

/** Emits an event to one or several sockets. */
export type Emit = <E extends keyof ServerEvents>(
  event: E,
  payload: ServerEvents[E]["payload"]["Encoded"],
) => void

/** The functions with which event handlers receive and emit events. */
export interface SocketContext {
  /** Registers an event's handler on a socket. */
  readonly on: On
  /** Emits to all sockets of a user. */
  readonly emitToUser: (actor: Actor) => Emit
  /** Emits to one socket. */
  readonly emitTo: (socket: AuthenticatedSocket) => Emit
  /** Runs an effect that outlives the handling of the current event. */
  readonly fork: (effect: Effect.Effect<void>) => void
}

/** Returns the message and code that explain why an answer is incomplete. */
export const toErrorPayload = (event: Extract<GenerationEvent, { type: "failed" | "interrupted" }>) =>
  event.type === "failed"
    ? { error: event.error.message, code: event.error.code }
    : { error: "The server shut down while generating this answer.", code: "INTERRUPTED" }
