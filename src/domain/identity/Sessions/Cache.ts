import { Clock, Effect, Option } from "effect"
import type { Actor, SessionId, UserId } from "../../shared/Actor"

/** How long a session may be believed without asking the database again, in milliseconds. */
const believedFor = 30_000
const capacity = 20_000

/**
 * Sessions seen of late, so that a request need not ask the database who is asking. An ended
 * session is forgotten by every node as soon as its ending is heard; a look-up that was under
 * way at that moment is not remembered, because it may have read the row before it ended.
 */
export const makeSessionCache = () => {
  const entries = new Map<string, { readonly actor: Actor; readonly until: number }>()
  let epoch = 0

  const forgetWhere = (matches: (actor: Actor) => boolean) =>
    Effect.sync(() => {
      epoch++
      for (const [key, entry] of entries) if (matches(entry.actor)) entries.delete(key)
    })

  return {
    get: Effect.fnUntraced(function* (key: string, lookup: Effect.Effect<Option.Option<Actor>>) {
      const now = yield* Clock.currentTimeMillis
      const entry = entries.get(key)
      if (entry !== undefined && entry.until > now) return Option.some(entry.actor)
      const before = epoch
      const found = yield* lookup
      if (found._tag === "Some" && before === epoch) {
        const oldest = entries.size < capacity ? undefined : entries.keys().next().value
        if (oldest !== undefined) entries.delete(oldest)
        entries.delete(key)
        entries.set(key, { actor: found.value, until: now + believedFor })
      }
      return found
    }),
    forgetSession: (id: SessionId) => forgetWhere((actor) => actor.sessionId === id),
    forgetUser: (id: UserId) => forgetWhere((actor) => actor.userId === id),
    forgetAll: forgetWhere(() => true),
  }
}
