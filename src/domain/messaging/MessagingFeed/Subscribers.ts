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
export const makeSubscribers = (
  loadMembers: (
    scopeIds: ReadonlyArray<ScopeId>,
  ) => Effect.Effect<ReadonlyArray<{ readonly scopeId: ScopeId; readonly userId: UserId }>>,
) => {
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

  /** Returns the members of scopes, with one query for those that are not cached. */
  const membersOf = Effect.fnUntraced(function* (scopeIds: ReadonlyArray<ScopeId>) {
    const now = yield* Clock.currentTimeMillis
    const found = new Map<ScopeId, ReadonlySet<UserId>>()
    const missing = new Map<ScopeId, Set<UserId>>()
    for (const scopeId of scopeIds) {
      const cached = members.get(scopeId)
      if (cached !== undefined && cached.expiresAt > now) found.set(scopeId, cached.userIds)
      else missing.set(scopeId, new Set())
    }
    if (missing.size === 0) return found
    const evictionsBefore = evictions
    for (const { scopeId, userId } of yield* loadMembers([...missing.keys()]))
      missing.get(scopeId)?.add(userId)
    for (const [scopeId, userIds] of missing) {
      found.set(scopeId, userIds)
      if (evictions !== evictionsBefore) continue
      members.delete(scopeId)
      const oldest = members.size < MAX_SCOPES ? undefined : members.keys().next().value
      if (oldest !== undefined) members.delete(oldest)
      members.set(scopeId, { userIds, expiresAt: now + TTL })
    }
    return found
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
     * Loads the members of scopes. Returns the function that finds the subscribers who see any of some of them or
     * are one of the users, each once, as of when it is called.
     */
    prepare: (scopeIds: ReadonlyArray<ScopeId>) =>
      Effect.map(membersOf(scopeIds), (loaded) => {
        return (of: ReadonlyArray<ScopeId>, userIds: ReadonlyArray<UserId> = []) => {
          const found = new Set<Subscriber>()
          const addUser = (userId: UserId) => {
            for (const subscriber of byUser.get(userId) ?? []) found.add(subscriber)
          }
          for (const scopeId of of) {
            for (const subscriber of byScope.get(scopeId) ?? []) found.add(subscriber)
            const memberIds = loaded.get(scopeId) ?? new Set()
            // Of a large scope only a few members may be connected here; of many users few may be members.
            if (memberIds.size < byUser.size) for (const userId of memberIds) addUser(userId)
            else for (const userId of byUser.keys()) if (memberIds.has(userId)) addUser(userId)
          }
          for (const userId of userIds) addUser(userId)
          return found
        }
      }),
  }
}
