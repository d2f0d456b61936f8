import { Duration, Effect } from "effect"
import type { Actor } from "../shared/Actor"
import { requireAdmin } from "../shared/Policy"
import { ModelCatalog } from "./ModelCatalog"
import type { ProviderId } from "./ProviderAccount"

/** How long a result is reused, so that checks cost the providers next to nothing. */
const ttl = Duration.minutes(1)

/** Checks whether providers accept the server's API keys. */
export class ProviderHealth extends Effect.Service<ProviderHealth>()("ProviderHealth", {
  effect: Effect.gen(function* () {
    const { providers } = yield* ModelCatalog

    const check = Effect.forEach(
      providers.filter(({ hasKey }) => hasKey),
      ({ id, list }) =>
        Effect.map(Effect.isSuccess(list), (accepted) => [id, accepted ? "healthy" : "unhealthy"] as const),
      { concurrency: "unbounded" },
    ).pipe(Effect.map((results): ReadonlyMap<ProviderId, "healthy" | "unhealthy"> => new Map(results)))

    const cached = yield* Effect.cachedWithTTL(check, ttl)

    /**
     * Returns the health of every provider with an API key, after one authenticated call to each at most a
     * minute ago. Requires an administrator.
     */
    const apiKeys = Effect.fn("ProviderHealth.apiKeys")(function* (actor: Actor) {
      yield* requireAdmin(actor)
      return yield* cached
    })

    return { apiKeys }
  }),
}) {}
