import { Clock, Effect, Option } from "effect"
import type { Actor, SessionId, UserId } from "../../shared/Actor"

/** How long an entry is used without querying the database again, in milliseconds. */
const ttl = 30_000
const capacity = 20_000

/** An actor whom the database knows, and until when: null for ever. */
type Authenticated = Actor & { readonly expiresAt: Date | null }

/**
 * Makes a cache of recently used sessions, so that a request can be authenticated without a query.
 * Every node evicts a session when notified of its revocation; a lookup in flight at that moment is
 * not cached, because it may have read the row before the revocation.
 */
export const makeSessionCache = () => {
  const entries = new Map<string, { readonly actor: Actor; readonly expiresAt: number }>()
  let epoch = 0

  const evictWhere = (matches: (actor: Actor) => boolean) =>
    Effect.sync(() => {
      epoch++
      for (const [key, entry] of entries) if (matches(entry.actor)) entries.delete(key)
    })

  return {
    get: Effect.fnUntraced(function* (key: string, lookup: Effect.Effect<Option.Option<Authenticated>>) {
      const now = yield* Clock.currentTimeMillis
      const entry = entries.get(key)
      if (entry !== undefined && entry.expiresAt > now) return Option.some(entry.actor)
      const epochBefore = epoch
      const found = yield* lookup
      if (found._tag === "None") return found
      const { expiresAt, ...actor }: { readonly expiresAt: Date | null } & Actor = found.value
      if (epochBefore === epoch) {
        const oldest = entries.size < capacity ? undefined : entries.keys().next().value
        if (oldest !== undefined) entries.delete(oldest)
        entries.delete(key)
        entries.set(key, { actor, expiresAt: Math.min(now + ttl, expiresAt?.getTime() ?? Infinity) })
      }
      return Option.some(actor)
    }),
    evictSession: (id: SessionId) => evictWhere((actor) => actor.sessionId === id),
    evictUser: (id: UserId) => evictWhere((actor) => actor.userId === id),
    evictAll: evictWhere(() => true),
  }
}
