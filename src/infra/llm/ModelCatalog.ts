import { Effect, Either, Layer, Redacted } from "effect"
import { ModelCatalogue } from "../../domain/models/ModelCatalog"
import { ListingFailed } from "../../domain/models/Models/Errors"
import { bareModel, type Model } from "../../domain/models/Models/Model"
import type { ProviderSettings } from "./ConfiguredProviders"
import { detailOf } from "./ErrorMapping"
import { fromBody } from "./ModelListDecoder"
import { listedId, resolve } from "./ModelRouting"
import { makeClient } from "./OpenAi"
import * as Providers from "./Providers"

/** How long a provider may take to list its models; it is asked again later. */
const patience = "15 seconds"

const demo: Model = {
  ...bareModel("demo"),
  name: "Demonstration",
  description: "Repeats what it is told, and says how to configure a real model.",
  pricing: { prompt: "0", completion: "0" },
}

/**
 * Anthropic lists its models in its own API alone, a few at a time unless more are asked for.
 * OpenRouter leaves out those that only draw, unless they are asked for too.
 */
const optionsOf = ({ id, key }: ProviderSettings) => {
  if (id === "openrouter") return { query: { output_modalities: "text,image" } }
  return id === "anthropic" && key !== undefined
    ? {
        query: { limit: 1000 },
        headers: {
          Authorization: null,
          "x-api-key": Redacted.value(key),
          "anthropic-version": "2023-06-01",
        },
      }
    : {}
}

const listOf = (settings: ProviderSettings, idOf: (name: string) => string) => {
  const client = makeClient(settings)
  const { name: provider, key } = settings
  const asked = { provider, model: "", secret: key === undefined ? undefined : Redacted.value(key) }
  const failed = (reason: string) => new ListingFailed({ provider, reason })
  return Effect.tryPromise({
    // By address and not by the client's own method, which drops the fields that it does not know.
    try: (signal): Promise<unknown> => client.get("/models", { ...optionsOf(settings), signal }),
    catch: (thrown) => failed(detailOf(asked, thrown)),
  }).pipe(
    Effect.timeoutFail({ duration: patience, onTimeout: () => failed("it took too long.") }),
    Effect.flatMap((body) => {
      const models = fromBody(body, idOf)
      return models === undefined ? Effect.fail(failed("its answer is no list.")) : Effect.succeed(models)
    }),
  )
}

/** The lists of all configured providers; `demo` alone where there is none. */
export const layer = Layer.effect(
  ModelCatalogue,
  Effect.gen(function* () {
    const providers = yield* Providers.config
    const lists = providers.configured.map((provider) => ({
      name: provider.name,
      list: listOf(provider, (name) => listedId(providers, provider, name)),
    }))
    return {
      providers: lists.length === 0 ? [{ name: "Parley", list: Effect.succeed([demo]) }] : lists,
      idOf: (model) =>
        Either.match(resolve(providers, model), {
          onLeft: () => model,
          onRight: (found) =>
            found._tag === "Demo" ? "demo" : listedId(providers, found.provider, found.model),
        }),
    }
  }),
)
