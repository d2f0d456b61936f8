import { Context, type Effect } from "effect"
import type { ListModelsFailed } from "./Models/Errors"
import type { Model } from "./Models/Model"
import type { ProviderAccount, ProviderId } from "./ProviderAccount"

/** A provider that can list its models. */
interface Provider {
  readonly id: ProviderId
  /** Its display name. */
  readonly name: string
  /** Whether the server calls it with an API key. */
  readonly hasKey: boolean
  readonly list: Effect.Effect<ReadonlyArray<Model>, ListModelsFailed>
}

/** The models of all configured providers. `infra/llm` implements it with the providers' list endpoints. */
export class ModelCatalog extends Context.Tag("ModelCatalog")<
  ModelCatalog,
  {
    readonly providers: ReadonlyArray<Provider>
    /** Returns the id under which a model is listed, for any id that resolves to it. */
    readonly canonicalId: (model: string) => string
    /** Returns the provider that serves a model id, or that its prefix names; undefined if there is neither. */
    readonly providerOf: (model: string) => ProviderId | undefined
    /** Returns the provider's own name of a model that is listed under this id. */
    readonly ownName: (model: string) => string
    /** Returns the own name of the model that a provider answers with by default; undefined if it has none. */
    readonly defaultModelOf: (provider: ProviderId) => string | undefined
    /** Lists the models of a user's account, by their own names. */
    readonly listOfAccount: (
      account: ProviderAccount,
    ) => Effect.Effect<ReadonlyArray<Model>, ListModelsFailed>
  }
>() {}
