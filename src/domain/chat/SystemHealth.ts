import { Effect } from "effect"
import { ProviderHealth } from "../models/ProviderHealth"
import { Health } from "../operations/Health"
import type { Actor } from "../shared/Actor"
import { requireAdmin } from "../shared/Policy"
import { Unhealthy } from "./SystemHealth/Errors"

/** More deleted files than this wait only if removing them fails or does not keep up. */
const MAX_PENDING = 1000

/** Checks everything that the server depends on, for its administrators. */
export class SystemHealth extends Effect.Service<SystemHealth>()("SystemHealth", {
  effect: Effect.gen(function* () {
    const health = yield* Health
    const providerHealth = yield* ProviderHealth

    /**
     * Returns the state of each component. Fails with `Unhealthy` without a database or storage; a failing
     * provider or late background work only degrades the service. Requires an administrator.
     */
    const check = Effect.fn("SystemHealth.check")(function* (actor: Actor) {
      yield* requireAdmin(actor)
      const [database, storage] = yield* Effect.all([health.isDatabaseWritable, health.isStorageWritable], {
        concurrency: 2,
      })
      const failing = [...(database ? [] : ["database"]), ...(storage ? [] : ["storage"])]
      if (failing.length > 0) return yield* new Unhealthy({ components: failing })
      const [providers, pending] = yield* Effect.all(
        [providerHealth.apiKeys(actor), health.pendingDeletions],
        {
          concurrency: 2,
        },
      )
      const isDegraded = pending > MAX_PENDING || [...providers.values()].includes("unhealthy")
      return {
        status: isDegraded ? ("degraded" as const) : ("healthy" as const),
        providers: Object.fromEntries(providers),
        queue: { pending },
      }
    })

    return { check }
  }),
}) {}
