import { Effect, Either, Layer, Redacted } from "effect"
import { ModelCatalog } from "../../domain/models/ModelCatalog"
import { ListModelsFailed } from "../../domain/models/Models/Errors"
import { demoModel } from "../../domain/models/Models/Model"
import { logDetail } from "./ErrorMapping"
import { ListedModels } from "./ListedModels"
import { decodeModelList } from "./ModelListDecoder"
import { displayName, publicId, type Routing, resolve } from "./ModelRouting"
import { makeClient } from "./OpenAi"
import { makeAccountResolver } from "./ProviderAccountResolver"
import { type ConfiguredProvider, providerDefinitions } from "./ProviderDefinitions"
import * as Providers from "./ProvidersConfig"

/** Maximum time for a provider to list its models; the list is requested again later. */
const listTimeout = "15 seconds"

/**
 * Returns the request options that a provider's model list needs. Anthropic lists models only with its
 * own API's headers, and in small pages by default. OpenRouter omits image-only models by default.
 */
const requestOptions = ({ id, key }: ConfiguredProvider) => {
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

/** Lists a provider's models by their own names. */
const listModels = (provider: ConfiguredProvider) => {
  const client = makeClient(provider)
  const { name, key } = provider
  const context = { provider: name, model: "", secret: key === undefined ? undefined : Redacted.value(key) }
  const failure = (reason: string) => new ListModelsFailed({ provider: name, reason })
  return Effect.tryPromise({
    // Not `client.models.list`, which drops the fields that it does not know.
    try: (signal): Promise<unknown> => client.get("/models", { ...requestOptions(provider), signal }),
    catch: (thrown) => failure(logDetail(context, thrown)),
  }).pipe(
    Effect.timeoutFail({ duration: listTimeout, onTimeout: () => failure("the request timed out.") }),
    Effect.flatMap((body) => {
      const models = decodeModelList(body, (model) => displayName(provider, model))
      return models === undefined
        ? Effect.fail(failure("the response is not a list of models."))
        : Effect.succeed(models)
    }),
  )
}

/**
 * Implements the port with the model lists of all configured providers, or only `demo` when there are none.
 */
export const layer = Layer.effect(
  ModelCatalog,
  Effect.gen(function* () {
    const providers = yield* Providers.config
    const resolveAccount = yield* makeAccountResolver
    const listed = yield* ListedModels
    const routing: Routing = { ...providers, isListed: listed.has }
    const lists = providers.configured.map((provider) => ({
      id: provider.id,
      name: provider.name,
      hasKey: provider.key !== undefined,
      list: Effect.tap(listModels(provider), (models) =>
        Effect.sync(() =>
          listed.set(
            provider.id,
            models.map(({ id }) => id),
          ),
        ),
      ),
    }))
    return {
      providers:
        lists.length === 0
          ? [{ id: "demo", name: "Parley", hasKey: false, list: Effect.succeed([demoModel]) }]
          : lists,
      publicId: (provider, name) => {
        const configured = providers.configured.find(({ id }) => id === provider)
        return configured === undefined ? name : publicId(routing, configured, name)
      },
      canonicalId: (model) =>
        Either.match(resolve(routing, model), {
          onLeft: () => model,
          onRight: (resolved) =>
            resolved._tag === "Demo" ? "demo" : publicId(routing, resolved.provider, resolved.model),
        }),
      providerOf: (model) => {
        const prefix = providerDefinitions.find(({ id }) => model.startsWith(`${id}/`))?.id
        return Either.match(resolve(routing, model), {
          onLeft: () => prefix,
          onRight: (resolved) => {
            if (resolved._tag === "Demo") return "demo"
            const { id } = resolved.provider
            // A user may have an account with a provider that the server has none with.
            const isForeign = prefix !== undefined && prefix !== id && !listed.has(id, model)
            return isForeign && !providers.configured.some((provider) => provider.id === prefix) ? prefix : id
          },
        })
      },
      defaultModelOf: (provider) => {
        const prefix = `${provider}/`
        if (provider === "demo") return "demo"
        return providers.defaultModel.startsWith(prefix)
          ? providers.defaultModel.slice(prefix.length)
          : providerDefinitions.find(({ id }) => id === provider)?.defaultModel
      },
      listOfAccount: (account) =>
        Either.match(resolveAccount(account), {
          onLeft: ({ message }) => new ListModelsFailed({ provider: account.provider, reason: message }),
          onRight: listModels,
        }),
    }
  }),
).pipe(Layer.provide(ListedModels.Default))
