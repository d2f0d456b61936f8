import { SqlClient } from "@effect/sql"
import { Effect, Layer, Option, PubSub, Stream } from "effect"
import { ClusterNotifications, type NotificationChannel } from "../../domain/shared/ClusterNotifications"
import { Notifications, type PgNotification } from "./Notifications"

const channels: Readonly<Record<NotificationChannel, string>> = {
  session_revoked: "parley_session_revoked",
  generation_stop: "parley_generation_stop",
  account_closed: "parley_account_closed",
  change: "parley_change",
  outbox: "parley_outbox",
  settings: "parley_settings",
  presence: "parley_presence",
  voice_signal: "parley_voice_signal",
  messaging_notice: "parley_messaging_notice",
}

/**
 * Implements ClusterNotifications by LISTEN and NOTIFY. Listens on every channel from the start, so a
 * subscriber receives everything published once its stream runs. A payload is at most 7,999 bytes.
 */
export const layer = Layer.scoped(
  ClusterNotifications,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { subscribe } = yield* Notifications
    const notifications = yield* Effect.acquireRelease(PubSub.unbounded<PgNotification>(), PubSub.shutdown)
    yield* subscribe(Object.values(channels), (notification) => notifications.unsafeOffer(notification))
    return {
      // A failure dies, to abort the surrounding transaction: its commit would otherwise persist nothing.
      publish: (channel, payload) =>
        Effect.orDie(Effect.asVoid(sql`select pg_notify(${channels[channel]}, ${payload})`)),
      subscribe: (channel) =>
        Stream.fromPubSub(notifications).pipe(
          Stream.filterMap((notification) => {
            if (notification._tag === "Gap") return Option.some(notification)
            if (notification.channel !== channels[channel]) return Option.none()
            return Option.some({ _tag: "Received" as const, payload: notification.payload })
          }),
        ),
    }
  }),
)
