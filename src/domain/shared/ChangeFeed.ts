import { Effect, Option, Schema, Stream } from "effect"
import { UserId } from "./Actor"
import { ClusterNotifications } from "./ClusterNotifications"

/** What happened to something that users see, for those who have it on their screens. */
export const Change = Schema.Struct({
  entity: Schema.Literal("chat", "message", "project", "organization"),
  action: Schema.Literal("created", "updated", "deleted"),
  id: Schema.String,
  /** The chat of a message. */
  chatId: Schema.optional(Schema.String),
  /** Users who see it, whatever they are members of. */
  userIds: Schema.Array(UserId),
  /** The project or organization whose members see it. */
  scopeId: Schema.optional(Schema.NullOr(Schema.String)),
})
export type Change = typeof Change.Type

const encode = Schema.encodeSync(Schema.parseJson(Change))
const decode = Schema.decodeUnknownOption(Schema.parseJson(Change))

/** Users per notification, which holds at most 8,000 bytes. */
const MAX_USERS = 100

/**
 * Tells all nodes what changed. A change says which thing to read again, not what it contains. Delivery is
 * best effort: after a lost connection, clients read what they show again.
 */
export class ChangeFeed extends Effect.Service<ChangeFeed>()("ChangeFeed", {
  effect: Effect.gen(function* () {
    const notifications = yield* ClusterNotifications

    /** Publishes a change; within a transaction, when that commits. */
    const publish = (change: Change) => {
      const { userIds } = change
      const parts = Array.from({ length: Math.max(1, Math.ceil(userIds.length / MAX_USERS)) }, (_, i) =>
        userIds.slice(i * MAX_USERS, (i + 1) * MAX_USERS),
      )
      return Effect.forEach(
        parts,
        (part) => notifications.publish("change", encode({ ...change, userIds: part })),
        {
          discard: true,
        },
      )
    }

    /** Publishes a change that has been committed, in the background: nobody waits for it. */
    const publishLater = (change: Change) =>
      Effect.asVoid(
        Effect.forkDaemon(
          Effect.catchAllCause(publish(change), (cause) =>
            Effect.logDebug("publishing a change failed", cause),
          ),
        ),
      )

    /** The changes of all nodes. */
    const changes = Stream.filterMap(notifications.subscribe("change"), (notification) =>
      notification._tag === "Received" ? decode(notification.payload) : Option.none(),
    )

    return { publish, publishLater, changes }
  }),
}) {}
