import { SqlClient } from "@effect/sql"
import { Effect, Layer, Option, PubSub, Stream } from "effect"
import { ClusterNotifications, type NotificationChannel } from "../../domain/shared/ClusterNotifications"
import { type Notice, Notifications } from "./Notifications"

const channels: Readonly<Record<NotificationChannel, string>> = {
  session_ended: "parley_session_ended",
  generation_stop: "parley_generation_stop",
}

/**
 * Signals over the database's own notifications. Every line is listened to from the start, so a
 * subscriber hears all that is published once its stream runs. A payload is at most 7,999 bytes.
 */
export const layer = Layer.scoped(
  ClusterNotifications,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { listen } = yield* Notifications
    const notices = yield* Effect.acquireRelease(PubSub.unbounded<Notice>(), PubSub.shutdown)
    yield* listen(Object.values(channels), (notice) => notices.unsafeOffer(notice))
    return {
      // A failure must end the transaction that it is in, whose commit would otherwise keep nothing.
      publish: (line, payload) =>
        Effect.orDie(Effect.asVoid(sql`select pg_notify(${channels[line]}, ${payload})`)),
      subscribe: (line) =>
        Stream.fromPubSub(notices).pipe(
          Stream.filterMap((notice) => {
            if (notice._tag === "Missed") return Option.some(notice)
            if (notice.channel !== channels[line]) return Option.none()
            return Option.some({ _tag: "Heard" as const, payload: notice.payload })
          }),
        ),
    }
  }),
)
