import { Context, type Effect, type Stream } from "effect"

/** What a subscriber hears: a payload, or that some may have been lost while the line was down. */
export type Notification = { readonly _tag: "Heard"; readonly payload: string } | { readonly _tag: "Missed" }

/** The lines between nodes, each with its own payload. */
export type NotificationChannel = "session_ended" | "generation_stop"

/**
 * Short notices to every node, this one included. A notice published inside a transaction is
 * heard when that transaction commits, and never if it does not. They only hurry things along:
 * whoever depends on a notice must also be right, later, without it.
 */
export class ClusterNotifications extends Context.Tag("Signals")<
  ClusterNotifications,
  {
    readonly publish: (line: NotificationChannel, payload: string) => Effect.Effect<void>
    readonly subscribe: (line: NotificationChannel) => Stream.Stream<Notification>
  }
>() {}
