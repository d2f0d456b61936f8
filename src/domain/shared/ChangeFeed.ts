import { Duration, Effect, Option, Schema, Stream } from "effect"
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

/** Users per encoded change, which has to fit into a notification. */
const MAX_USERS = 100

/** A notification holds at most 8,000 bytes. */
const MAX_BYTES = 7_000

/** How long changes are gathered before they are published together. */
const batchWindow = Duration.millis(50)

/** Encodes a change, as several if it has many users. */
const encodeParts = ({ userIds, ...change }: Change): ReadonlyArray<string> =>
  Array.from({ length: Math.max(1, Math.ceil(userIds.length / MAX_USERS)) }, (_, part) =>
    encode({ ...change, userIds: userIds.slice(part * MAX_USERS, (part + 1) * MAX_USERS) }),
  )

/** Joins encoded changes, which contain no line breaks, into as few notifications as can hold them. */
const joinLines = (lines: ReadonlyArray<string>): ReadonlyArray<string> => {
  const payloads: Array<string> = []
  for (const line of lines) {
    const joined = `${payloads.at(-1) ?? ""}\n${line}`
    if (payloads.length > 0 && Buffer.byteLength(joined) <= MAX_BYTES) payloads[payloads.length - 1] = joined
    else payloads.push(line)
  }
  return payloads
}

/**
 * Tells all nodes what changed. A change says which thing to read again, not what it contains. Delivery is
 * best effort: after a lost connection, clients read what they show again.
 */
export class ChangeFeed extends Effect.Service<ChangeFeed>()("ChangeFeed", {
  scoped: Effect.gen(function* () {
    const notifications = yield* ClusterNotifications
    const pendingLatch = yield* Effect.makeLatch()
    let pending: Array<string> = []

    const publishLines = (lines: ReadonlyArray<string>) =>
      Effect.forEach(joinLines(lines), (payload) => notifications.publish("change", payload), {
        discard: true,
      })

    /** Publishes a change; within a transaction, when that commits. */
    const publish = (change: Change) => publishLines(encodeParts(change))

    /**
     * Publishes a change that has been committed soon, together with others: nobody waits for it, and each
     * notification is a transaction of its own that takes a lock on the whole database when it commits.
     */
    const publishLater = (change: Change) =>
      Effect.sync(() => {
        pending.push(...encodeParts(change))
        pendingLatch.unsafeOpen()
      })

    const publishPending = Effect.suspend(() => {
      const lines = pending
      pending = []
      pendingLatch.unsafeClose()
      return Effect.catchAllCause(publishLines(lines), (cause) =>
        Effect.logDebug("publishing changes failed", cause),
      )
    })
    yield* Effect.addFinalizer(() => publishPending)
    yield* pendingLatch.await.pipe(
      Effect.zipRight(Effect.sleep(batchWindow)),
      Effect.zipRight(publishPending),
      Effect.forever,
      Effect.forkScoped,
    )

    /** The changes of all nodes. */
    const changes = Stream.mapConcat(notifications.subscribe("change"), (notification) =>
      notification._tag === "Received"
        ? notification.payload.split("\n").flatMap((line) => Option.toArray(decode(line)))
        : [],
    )

    return { publish, publishLater, changes }
  }),
}) {}
