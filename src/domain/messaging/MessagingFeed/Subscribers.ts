import { Clock, Effect } from "effect"
import type { ScopeId } from "../../identity/Memberships/Model"
import type { UserId } from "../../shared/Actor"
import type { Subscriber } from "./Model"

/** How long members are used without querying them again, in milliseconds, should a notification be lost. */
const TTL = 10_000
const MAX_SCOPES = 2_000

interface CachedMembers {
  readonly userIds: ReadonlySet<UserId>
  readonly expiresAt: number
}

/**
 * Holds the subscribers of this node, and finds those who see a scope. Members are cached by scope: a change of
 * members that is in the outbox evicts them before any later entry is delivered.
 */
export const makeSubscribers = (loadMembers: (scopeId: ScopeId) => Effect.Effect<ReadonlyArray<UserId>>) => {
  const byUser = new Map<UserId, Set<Subscriber>>()
  const byScope = new Map<ScopeId, Set<Subscriber>>()
  const members = new Map<ScopeId, CachedMembers>()
  let evictions = 0

  const addTo = <K>(index: Map<K, Set<Subscriber>>, key: K, subscriber: Subscriber) => {
    const subscribers = index.get(key)
    if (subscribers === undefined) index.set(key, new Set([subscriber]))
    else subscribers.add(subscriber)
  }
  const removeFrom = <K>(index: Map<K, Set<Subscriber>>, key: K, subscriber: Subscriber) => {
    const subscribers = index.get(key)
    subscribers?.delete(subscriber)
    if (subscribers?.size === 0) index.delete(key)
  }

  const membersOf = Effect.fnUntraced(function* (scopeId: ScopeId) {
    const now = yield* Clock.currentTimeMillis
    const cached = members.get(scopeId)
    if (cached !== undefined && cached.expiresAt > now) return cached.userIds
    const evictionsBefore = evictions
    const userIds: ReadonlySet<UserId> = new Set(yield* loadMembers(scopeId))
    if (evictions === evictionsBefore) {
      members.delete(scopeId)
      const oldest = members.size < MAX_SCOPES ? undefined : members.keys().next().value
      if (oldest !== undefined) members.delete(oldest)
      members.set(scopeId, { userIds, expiresAt: now + TTL })
    }
    return userIds
  })

  return {
    add: (subscriber: Subscriber) => {
      if (subscriber.scopeId === undefined) addTo(byUser, subscriber.userId, subscriber)
      else addTo(byScope, subscriber.scopeId, subscriber)
    },

    remove: (subscriber: Subscriber) => {
      if (subscriber.scopeId === undefined) removeFrom(byUser, subscriber.userId, subscriber)
      else removeFrom(byScope, subscriber.scopeId, subscriber)
    },

    /** Makes the next delivery to a scope query its members again. */
    evictMembers: (scopeId: ScopeId) => {
      evictions++
      members.delete(scopeId)
    },

    evictAllMembers: () => {
      evictions++
      members.clear()
    },

    /**
     * Loads the members of scopes. Returns the function that finds the subscribers who see any of the scopes or
     * are one of the users, each once, as of when it is called.
     */
    prepare: (scopeIds: ReadonlyArray<ScopeId>) =>
      Effect.map(Effect.forEach(scopeIds, membersOf), (loaded) => {
        return (userIds: ReadonlyArray<UserId> = []) => {
          const found = new Set<Subscriber>()
          const addUser = (userId: UserId) => {
            for (const subscriber of byUser.get(userId) ?? []) found.add(subscriber)
          }
          for (const scopeId of scopeIds)
            for (const subscriber of byScope.get(scopeId) ?? []) found.add(subscriber)
          for (const members of loaded) {
            // Of a large scope only a few members may be connected here; of many users few may be members.
            if (members.size < byUser.size) for (const userId of members) addUser(userId)
            else for (const userId of byUser.keys()) if (members.has(userId)) addUser(userId)
          }
          for (const userId of userIds) addUser(userId)
          return found
        }
      }),
  }
}
