import { SqlClient } from "@effect/sql"
import { Array as Arr, Duration, Effect, Either, Queue, Schema, Stream } from "effect"
import { type Actor, UserId, UserNotFound } from "../shared/Actor"
import { ClusterNotifications, type Notification } from "../shared/ClusterNotifications"
import { Node } from "../shared/Node"
import { requireAdmin } from "../shared/Policy"
import { repeatEvery } from "../shared/repeatEvery"
import { withTransaction } from "../shared/Transaction"
import { MessagingFeed } from "./MessagingFeed"
import type { PresenceChange } from "./Presence/Model"
import { PresenceRepo } from "./Presence/Repo"

/** How often a node with connections renews its lease: one statement, however many users it has. */
const RENEWAL_INTERVAL = Duration.seconds(10)

/** How often every node looks for users who went offline, also those of nodes that died. */
const EXPIRY_INTERVAL = Duration.seconds(2)

/** As many ids as one notification can carry. */
const MAX_NOTIFIED = 150

const NotifiedIds = Schema.parseJson(Schema.Array(UserId))
const encodeIds = Schema.encodeSync(NotifiedIds)
const decodeIds = Schema.decodeUnknownEither(NotifiedIds)

/**
 * Keeps which users are there. A node writes who has connected and disconnected, and renews one lease for all of
 * them; who is offline follows from the time of the query, so that nothing depends on a node that died. Users go
 * offline 30 seconds after their last connection closed, and what they set lasts until then.
 *
 * Changes are published by notifications and not by the outbox: a client that was away must not get what is no longer true. A
 * notification only has the ids, and each node reads how these users appear now, so that the last one sent is right.
 */
export class Presence extends Effect.Service<Presence>()("Presence", {
  dependencies: [PresenceRepo.Default],
  scoped: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* PresenceRepo
    const feed = yield* MessagingFeed
    const notifications = yield* ClusterNotifications
    const node = yield* Node

    /** How many connections each user has here. */
    const connections = new Map<UserId, number>()
    /** The users whose first connection opened, or last one closed, since that was written. */
    const changed = new Set<UserId>()
    const wakeUps = yield* Queue.sliding<void>(1)

    const publish = (ids: ReadonlyArray<UserId>) =>
      Effect.forEach(
        Arr.chunksOf(ids, MAX_NOTIFIED),
        (chunk) => notifications.publish("presence", encodeIds(chunk)),
        { discard: true },
      )

    /** Renews the lease, and connects users; all of this node if its lease had expired and they with it. */
    const renewLease = Effect.fnUntraced(function* (arrived: ReadonlyArray<UserId>) {
      const isNew = yield* repo.renew(node.id)
      const ids = isNew ? [...connections.keys()] : arrived
      if (ids.length > 0) yield* publish(yield* repo.connect(node.id, ids, true))
    }, transaction)

    /** Writes who connected and disconnected. What fails is written next time, as it is then. */
    const write = Effect.suspend(() => {
      const ids = [...changed]
      changed.clear()
      const [gone, arrived] = Arr.partition(ids, (id) => connections.has(id))
      return Effect.zipRight(
        Effect.when(repo.disconnect(node.id, gone), () => gone.length > 0),
        Effect.when(renewLease(arrived), () => arrived.length > 0),
      ).pipe(
        Effect.onError(() =>
          Effect.sync(() => {
            for (const id of ids) changed.add(id)
          }),
        ),
      )
    }).pipe(
      Effect.catchAllCause((cause) => Effect.logWarning("writing presence failed; retrying later", cause)),
    )

    yield* Effect.addFinalizer(() => Effect.ignoreLogged(repo.release(node.id)))
    yield* Effect.forever(
      Effect.zipRight(Effect.timeoutOption(Queue.take(wakeUps), RENEWAL_INTERVAL), write),
    ).pipe(Effect.forkScoped)
    yield* repeatEvery(
      RENEWAL_INTERVAL,
      Effect.suspend(() => (connections.size > 0 ? renewLease([]) : Effect.void)),
    )

    const count = (userId: UserId, change: 1 | -1) => {
      const before = connections.get(userId) ?? 0
      const after = before + change
      if (after > 0) connections.set(userId, after)
      else connections.delete(userId)
      if (before > 0 && after > 0) return
      changed.add(userId)
      wakeUps.unsafeOffer(undefined)
    }

    /** Counts a connection of a user, who is online from now on. Returns how to end it. Waits for nothing. */
    const connect = (userId: UserId) => {
      let isOpen = true
      count(userId, 1)
      return () => {
        if (isOpen) count(userId, -1)
        isOpen = false
      }
    }

    /** Publishes the users who went offline. */
    const expire = Effect.fn("Presence.expire")(() => Effect.flatMap(repo.expire(), publish), transaction)
    yield* repeatEvery(EXPIRY_INTERVAL, expire())

    /** Sends the presence of users to those who are connected here and share a scope with them, or are one of them. */
    const sendPresence = Effect.fnUntraced(function* (ids: ReadonlyArray<UserId>) {
      const scopes = new Map((yield* repo.findScopes(ids)).map(({ userId, scopeIds }) => [userId, scopeIds]))
      for (const presence of yield* repo.find(ids)) {
        const { userId } = presence
        yield* feed.notifyLocal(scopes.get(userId) ?? [], userId, { type: "presence", ...presence })
      }
    })

    const receive = (notification: Notification) => {
      if (notification._tag === "Gap" || connections.size === 0) return Effect.void
      return Either.match(decodeIds(notification.payload), {
        onLeft: (error) => Effect.logWarning("a notification of presence is malformed", error),
        onRight: sendPresence,
      })
    }
    yield* Stream.runForEach(notifications.subscribe("presence"), (notification) =>
      Effect.catchAllCause(receive(notification), (cause) =>
        Effect.logWarning("sending presence failed", cause),
      ),
    ).pipe(Effect.forkScoped)

    const find = Effect.fnUntraced(function* (id: UserId) {
      const [presence] = yield* repo.find([id])
      return presence ?? (yield* new UserNotFound())
    })

    /** Returns whether a user is there. */
    const get = Effect.fn("Presence.get")((_: Actor, id: UserId) => find(id))

    /**
     * Updates the provided fields of a user's presence, which last while the user is connected; without a connection,
     * as long as after the last one. Requires the user or an administrator, who cannot make anybody appear online.
     */
    const set = Effect.fn("Presence.set")(function* (actor: Actor, id: UserId, change: PresenceChange) {
      if (id.toLowerCase() !== actor.userId) yield* requireAdmin(actor)
      const before = yield* find(id)
      const { userId } = before
      if (userId === actor.userId) yield* repo.connect(node.id, [userId], false)
      yield* repo.update(userId, change)
      const after = yield* find(userId)
      const isChanged = before.status !== after.status || before.statusText !== after.statusText
      if (isChanged) yield* publish([userId])
      return after
    }, transaction)

    return { connect, expire, get, set }
  }),
}) {}
