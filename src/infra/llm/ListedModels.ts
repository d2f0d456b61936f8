import { Effect } from "effect"
import type { RemoteProviderId } from "../../domain/models/ProviderAccount"

/**
 * The names under which the providers listed their models last. The catalog fills it, and model ids are
 * resolved by it; a provider that has not listed any yet has none.
 */
export class ListedModels extends Effect.Service<ListedModels>()("ListedModels", {
  sync: () => {
    const namesByProvider = new Map<RemoteProviderId, ReadonlySet<string>>()
    return {
      /** Replaces the names of a provider's models. */
      set: (provider: RemoteProviderId, names: Iterable<string>) => {
        namesByProvider.set(provider, new Set(names))
      },
      /** Returns whether a provider lists a model of this name. */
      has: (provider: RemoteProviderId, name: string) => namesByProvider.get(provider)?.has(name) === true,
    }
  },
}) {}
