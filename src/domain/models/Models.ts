import { Deferred, Duration, Effect, FiberId } from "effect"
import { CurrentSettings } from "../shared/CurrentSettings"
import { ModelNotFound } from "./LanguageModel"
import { ModelCatalog } from "./ModelCatalog"
import { ModelsUnavailable } from "./Models/Errors"
import { demoModel, type Model, ModelsSettings, unknownModel } from "./Models/Model"
import type { ProviderId } from "./ProviderAccount"

/**
 * The available models and their prices. Caches the providers' lists in memory and refreshes them
 * periodically in the background; until a refresh succeeds the previous lists stay valid.
 */
export class Models extends Effect.Service<Models>()("Models", {
  scoped: Effect.gen(function* () {
    const { providers, canonicalId, publicId } = yield* ModelCatalog
    const settings = yield* CurrentSettings
    const { ttl, retry } = yield* ModelsSettings
    const scope = yield* Effect.scope
    const loaded = yield* Deferred.make<void>()
    /** The models of each provider, by their own names. */
    const cachedByProvider = new Map<ProviderId, ReadonlyArray<Model>>()
    let models: ReadonlyMap<string, Model> = new Map()
    let inFlight: Deferred.Deferred<number> | undefined

    /** Indexes models by id, adding the default model in case its provider does not list it. */
    const indexById = (listed: ReadonlyArray<Model>) => {
      const byId = new Map(listed.map((model) => [model.id, model]))
      const id = canonicalId(settings.get().defaultModel)
      return byId.has(id) ? byId : new Map([[id, unknownModel(id)], ...byId])
    }

    /** Refreshes every provider's list and returns how many succeeded. A list that cannot be refreshed stays as it is. */
    const refreshAll = Effect.gen(function* () {
      const refreshed = yield* Effect.filter(
        providers,
        ({ id, name, list }) =>
          list.pipe(
            Effect.tap((listed) => Effect.sync(() => cachedByProvider.set(id, listed))),
            Effect.as(true),
            Effect.catchAll(({ reason }) =>
              Effect.as(Effect.annotateLogs(Effect.logWarning("model listing failed"), { reason }), false),
            ),
            Effect.catchAllDefect((defect) =>
              Effect.as(Effect.logError("model listing died", defect), false),
            ),
            Effect.annotateLogs("provider", name),
          ),
        { concurrency: "unbounded" },
      )
      models = indexById(
        providers.flatMap(({ id }) =>
          (cachedByProvider.get(id) ?? []).map((model) => ({ ...model, id: publicId(id, model.id) })),
        ),
      )
      yield* Deferred.succeed(loaded, undefined)
      return refreshed.length
    }).pipe(Effect.withSpan("Models.refreshAll"))

    /** Shares one refresh among all concurrent callers; it continues when a caller is interrupted. */
    const refreshShared = Effect.uninterruptibleMask((restore) =>
      Effect.suspend(() => {
        if (inFlight !== undefined) return restore(Deferred.await(inFlight))
        const done = Deferred.unsafeMake<number>(FiberId.none)
        inFlight = done
        return Effect.interruptible(refreshAll).pipe(
          Effect.onExit(() => Effect.sync(() => (inFlight = undefined))),
          Effect.intoDeferred(done),
          Effect.forkIn(scope),
          Effect.zipRight(restore(Deferred.await(done))),
        )
      }),
    )

    yield* refreshShared.pipe(
      Effect.flatMap((refreshed) =>
        Effect.sleep(refreshed === providers.length ? ttl : Duration.min(retry, ttl)),
      ),
      Effect.forever,
      Effect.forkScoped,
    )

    const whenLoaded = <A>(read: () => A) => Effect.map(Deferred.await(loaded), read)

    /** All models, in each provider's own order. Waits for the first refresh. */
    const list = whenLoaded(() => [...models.values()])

    /** The models grouped by vendor, the part of their ids before the slash. Waits for the first refresh. */
    const categories = whenLoaded(() => Map.groupBy(models.values(), ({ id }) => id.split("/", 1)[0] ?? ""))

    /**
     * Returns the models of one configured provider by their own names. Waits for the first refresh; rejects
     * when the provider has not answered yet.
     */
    const listOf = Effect.fn("Models.listOf")(function* (provider: ProviderId) {
      if (provider === "demo") return [demoModel]
      const listed = yield* whenLoaded(() => cachedByProvider.get(provider))
      return listed ?? (yield* new ModelsUnavailable())
    })

    /** Returns a model by any of its ids. Waits for the first refresh. */
    const get = Effect.fn("Models.get")(function* (model: string) {
      const match = yield* whenLoaded(() => models.get(model) ?? models.get(canonicalId(model)))
      return match ?? (yield* new ModelNotFound({ model }))
    })

    /** Refreshes the lists now and returns the number of models. Rejects when no provider answered. */
    const refresh = Effect.gen(function* () {
      if ((yield* refreshShared) === 0) return yield* new ModelsUnavailable()
      return models.size
    }).pipe(Effect.withSpan("Models.refresh"))

    /** Returns a model's prices from the cache without waiting; null when they are unknown. */
    const priceOf = (model: string): Model["pricing"] => models.get(canonicalId(model))?.pricing ?? null

    /** Returns the size of a model's context window in tokens, from the cache without waiting; undefined if it is unknown. */
    const contextLengthOf = (model: string) => models.get(canonicalId(model))?.contextLength ?? undefined

    return { list, listOf, categories, get, refresh, priceOf, contextLengthOf }
  }),
}) {}
