import { Duration, Effect, Either, Queue, Schema, Stream } from "effect"
import type { ScopeId } from "../identity/Memberships/Model"
import type { UserId } from "../shared/Actor"
import { ChangeFeed } from "../shared/ChangeFeed"
import { ClusterNotifications } from "../shared/ClusterNotifications"
import { withEmptyContext } from "../shared/withEmptyContext"
import { Channels } from "./Channels"
import { ResumeExpired } from "./MessagingFeed/Errors"
import { Notice, NoticeAudience, type Subscriber } from "./MessagingFeed/Model"
import { makeSubscribers } from "./MessagingFeed/Subscribers"
import { Outbox } from "./Outbox"
import type { MessagingEvent, OutboxEntry } from "./Outbox/Model"

/** How often the outbox is read although no notification came. */
const POLL_INTERVAL = Duration.seconds(5)
const BATCH_SIZE = 500

/** The events after which other users may read a scope than before. */
const accessEvents: ReadonlySet<MessagingEvent["type"]> = new Set([
  "member_added",
  "member_removed",
  "channel_updated",
])

const NoticeMessage = Schema.parseJson(Schema.Struct({ audience: NoticeAudience, notice: Notice }))
const encodeNotice = Schema.encodeSync(NoticeMessage)
const decodeNotice = Schema.decodeUnknownEither(NoticeMessage)

/**
 * Delivers the outbox to the subscribers of this node: one reader follows it, whatever their number, and hands
 * each entry to those who see it, in order and without waiting for any of them. It also carries notices, which
 * are not stored and reach those who are connected when they are published.
 */
export class MessagingFeed extends Effect.Service<MessagingFeed>()("MessagingFeed", {
  scoped: Effect.gen(function* () {
    const outbox = yield* Outbox
    const channels = yield* Channels
    const notifications = yield* ClusterNotifications
    const changes = yield* ChangeFeed
    const subscribers = makeSubscribers(channels.listReaders)
    let position = (yield* outbox.bounds).latest

    /** Delivers entries with one query for all of them: one for each would wait in line with all requests. */
    const deliver = Effect.fnUntraced(function* (entries: ReadonlyArray<OutboxEntry>) {
      const scopeIds = new Set<ScopeId>()
      for (const { scopeId, event } of entries) {
        if (scopeId === null) continue
        scopeIds.add(scopeId)
        if (accessEvents.has(event.type)) subscribers.evictMembers(scopeId)
      }
      const find = yield* subscribers.prepare([...scopeIds])
      // Nothing waits from here on, so that a subscriber which begins at the current position misses no entry.
      for (const entry of entries) {
        const { scopeId, userIds, seq } = entry
        for (const subscriber of find(scopeId === null ? [] : [scopeId], userIds)) subscriber.onEntry(entry)
        position = seq
      }
    })

    const readNew = Effect.gen(function* () {
      const entries = yield* outbox.listAfter(position, BATCH_SIZE)
      if (entries.length > 0) yield* deliver(entries)
      return entries.length
    }).pipe(
      Effect.repeat({ while: (count) => count === BATCH_SIZE }),
      Effect.catchAllCause((cause) => Effect.logWarning("reading the outbox failed; retrying later", cause)),
    )

    const wakeUps = yield* Queue.sliding<void>(1)
    yield* Stream.runForEach(notifications.subscribe("outbox"), () => Queue.offer(wakeUps, undefined)).pipe(
      Effect.forkScoped,
    )
    yield* Effect.forever(
      Effect.zipRight(Effect.timeoutOption(Queue.take(wakeUps), POLL_INTERVAL), readNew),
    ).pipe(withEmptyContext, Effect.forkScoped)

    // Changes of an organization's members are not in the outbox.
    yield* Stream.runForEach(changes.changes, ({ entity, id }) =>
      Effect.sync(() => {
        if (entity === "organization") subscribers.evictMembers(id as ScopeId)
      }),
    ).pipe(Effect.forkScoped)

    /** Hands a notice to the subscribers of this node who see any of the scopes or are the user, each once. */
    const notifyLocal = Effect.fn("MessagingFeed.notifyLocal")(function* (
      scopeIds: ReadonlyArray<ScopeId>,
      userId: UserId,
      notice: Notice,
    ) {
      const find = yield* subscribers.prepare(scopeIds)
      for (const subscriber of find(scopeIds, [userId])) subscriber.onNotice(notice)
    })

    const receive = Effect.fnUntraced(function* ({ scopeId, userId }: NoticeAudience, notice: Notice) {
      const find = yield* subscribers.prepare([scopeId])
      for (const subscriber of find([scopeId]))
        if (userId === undefined || subscriber.userId === userId) subscriber.onNotice(notice)
    })

    yield* Stream.runForEach(notifications.subscribe("messaging_notice"), (notification) => {
      if (notification._tag === "Gap") return Effect.sync(subscribers.evictAllMembers)
      return Either.match(decodeNotice(notification.payload), {
        onLeft: (error) => Effect.logWarning("a notice is malformed", error),
        onRight: ({ audience, notice }) => receive(audience, notice),
      })
    }).pipe(Effect.forkScoped)

    /** Publishes a notice on every node. Best effort: at most 8,000 bytes, and lost with a connection. */
    const notify = Effect.fn("MessagingFeed.notify")((audience: NoticeAudience, notice: Notice) =>
      notifications.publish("messaging_notice", encodeNotice({ audience, notice })),
    )

    /** Returns the number of the last entry that was delivered here. */
    const currentPosition = () => position

    /** Begins to deliver entries after the current position. Returns how to end that. */
    const subscribe = (subscriber: Subscriber) => {
      subscribers.add(subscriber)
      return () => subscribers.remove(subscriber)
    }

    /** Lists what a subscriber's user sees after one number and up to another, in order. */
    const replay = Effect.fn("MessagingFeed.replay")(function* (
      { userId, scopeId }: Pick<Subscriber, "userId" | "scopeId">,
      range: { readonly after: number; readonly upTo: number },
      limit: number,
    ) {
      if (scopeId !== undefined) return yield* outbox.listVisible([scopeId], undefined, range, limit)
      return yield* outbox.listVisible(yield* channels.listReadableScopeIds(userId), userId, range, limit)
    })

    /** Requires that everything after a number is still stored. */
    const requireStored = Effect.fn("MessagingFeed.requireStored")(function* (after: number) {
      const { deleted, latest } = yield* outbox.bounds
      if (after < deleted || after > latest) return yield* new ResumeExpired()
    })

    return { currentPosition, subscribe, replay, requireStored, notify, notifyLocal }
  }),
}) {}
