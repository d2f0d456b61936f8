import { Context, type Effect } from "effect"
import type { ListingFailed } from "./Models/Errors"
import type { Model } from "./Models/Model"

/** One provider's list of its models. */
interface Provider {
  /** As it is called in messages to people. */
  readonly name: string
  readonly list: Effect.Effect<ReadonlyArray<Model>, ListingFailed>
}

/** Which models there are. `infra/llm` implements it by asking the configured providers. */
export class ModelCatalogue extends Context.Tag("ModelCatalogue")<
  ModelCatalogue,
  {
    readonly providers: ReadonlyArray<Provider>
    /** The id under which a model is listed that callers may name in several ways. */
    readonly idOf: (model: string) => string
  }
>() {}
