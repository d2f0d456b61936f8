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
  /** Lists its models by their own names. */
  readonly list: Effect.Effect<ReadonlyArray<Model>, ListModelsFailed>
}

/** The models of all configured providers. `infra/llm` implements it with the providers' list endpoints. */
export class ModelCatalog extends Context.Tag("ModelCatalog")<
  ModelCatalog,
  {
    readonly providers: ReadonlyArray<Provider>
    /** Returns the id under which a provider's model is listed: the one that resolves to it, given all lists so far. */
    readonly publicId: (provider: ProviderId, name: string) => string
    /** Returns the id under which a model is listed, for any id that resolves to it. */
    readonly canonicalId: (model: string) => string
    /** Returns the provider that serves a model id, or that its prefix names; undefined if there is neither. */
    readonly providerOf: (model: string) => ProviderId | undefined
    /** Returns the own name of the model that a provider answers with by default; undefined if it has none. */
    readonly defaultModelOf: (provider: ProviderId) => string | undefined
    /** Lists the models of a user's account, by their own names. */
    readonly listOfAccount: (
      account: ProviderAccount,
    ) => Effect.Effect<ReadonlyArray<Model>, ListModelsFailed>
  }
>() {}
