import { Context, Effect } from "effect"

/**
 * Runs a long-lived effect that needs no services without any in its context. Each span and transaction copies
 * the context, which with all services of the server in it takes a tenth of the work on an event.
 */
export const withEmptyContext = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.mapInputContext(effect, () => Context.empty())
