import { Context, type Effect, type Stream } from "effect"

/** A notification received, or a gap: some may have been lost while the connection was down. */
export type Notification = { readonly _tag: "Received"; readonly payload: string } | { readonly _tag: "Gap" }

/** A channel that every node publishes and subscribes to. */
export type NotificationChannel =
  | "session_revoked"
  | "generation_stop"
  | "account_closed"
  | "change"
  | "outbox"
  | "settings"
  | "presence"
  | "voice_signal"
  | "messaging_notice"

/**
 * Publishes short notifications to every node, this one included. A notification published inside a
 * transaction is delivered when that transaction commits, and never if it is rolled back. Delivery
 * is best effort and only reduces latency: a subscriber must also become correct, later, without it.
 */
export class ClusterNotifications extends Context.Tag("ClusterNotifications")<
  ClusterNotifications,
  {
    readonly publish: (channel: NotificationChannel, payload: string) => Effect.Effect<void>
    readonly subscribe: (channel: NotificationChannel) => Stream.Stream<Notification>
  }
>() {}
