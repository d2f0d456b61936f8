import { Deferred, Duration, Effect, FiberId } from "effect"
import { LanguageModel, ModelNotFound } from "./LanguageModel"
import { ModelCatalogue } from "./ModelCatalog"
import { CatalogueUnavailable } from "./Models/Errors"
import { bareModel, type Model, ModelsSettings } from "./Models/Model"

/**
 * Which models answer here, and at what price. What the providers tell is kept in memory and asked
 * for again from time to time, in the background; meanwhile what they told before is good.
 */
export class Models extends Effect.Service<Models>()("Models", {
  scoped: Effect.gen(function* () {
    const { providers, idOf } = yield* ModelCatalogue
    const { defaultModel } = yield* LanguageModel
    const { ttl, retry } = yield* ModelsSettings
    const scope = yield* Effect.scope
    const filled = yield* Deferred.make<void>()
    const told = new Map<string, ReadonlyArray<Model>>()
    let models: ReadonlyMap<string, Model> = new Map()
    let asking: Deferred.Deferred<number> | undefined

    /** The default model is there even where its provider keeps no list. */
    const toMap = (listed: ReadonlyArray<Model>) => {
      const byId = new Map(listed.map((model) => [model.id, model]))
      const id = idOf(defaultModel)
      return byId.has(id) ? byId : new Map([[id, bareModel(id)], ...byId])
    }

    /** Asks every provider, and tells how many answered. One that does not keeps what it told before. */
    const ask = Effect.gen(function* () {
      const answered = yield* Effect.filter(
        providers,
        ({ name, list }) =>
          list.pipe(
            Effect.tap((listed) => Effect.sync(() => told.set(name, listed))),
            Effect.as(true),
            Effect.catchAll(({ message }) => Effect.as(Effect.logWarning(message), false)),
            Effect.catchAllDefect((bug) => Effect.as(Effect.logError("Listing models died", bug), false)),
          ),
        { concurrency: "unbounded" },
      )
      models = toMap(providers.flatMap(({ name }) => told.get(name) ?? []))
      yield* Deferred.succeed(filled, undefined)
      return answered.length
    }).pipe(Effect.withSpan("Models.ask"))

    /** The same, once for all who want it at the same time; it goes on when one of them leaves. */
    const askTogether = Effect.uninterruptibleMask((restore) =>
      Effect.suspend(() => {
        if (asking !== undefined) return restore(Deferred.await(asking))
        const done = Deferred.unsafeMake<number>(FiberId.none)
        asking = done
        return Effect.interruptible(ask).pipe(
          Effect.onExit(() => Effect.sync(() => (asking = undefined))),
          Effect.intoDeferred(done),
          Effect.forkIn(scope),
          Effect.zipRight(restore(Deferred.await(done))),
        )
      }),
    )

    yield* askTogether.pipe(
      Effect.flatMap((answered) =>
        Effect.sleep(answered === providers.length ? ttl : Duration.min(retry, ttl)),
      ),
      Effect.forever,
      Effect.forkScoped,
    )

    const whenFilled = <A>(read: () => A) => Effect.map(Deferred.await(filled), read)

    /** All models, each provider's in its own order. Waits until they have been asked for once. */
    const list = whenFilled(() => [...models.values()])

    /** Those of each maker, which is what stands before the slash of their ids. */
    const categories = whenFilled(() => Map.groupBy(models.values(), ({ id }) => id.split("/", 1)[0] ?? ""))

    const get = Effect.fn("Models.get")(function* (model: string) {
      const found = yield* whenFilled(() => models.get(model) ?? models.get(idOf(model)))
      return found ?? (yield* new ModelNotFound({ model }))
    })

    /** Asks the providers now. How many models there are then. */
    const refresh = Effect.gen(function* () {
      if ((yield* askTogether) === 0) return yield* new CatalogueUnavailable()
      return models.size
    }).pipe(Effect.withSpan("Models.refresh"))

    /** What a model's answers cost, as far as is known now: looked up, without waiting for anyone. */
    const priceOf = (model: string): Model["pricing"] => models.get(idOf(model))?.pricing ?? null

    return { list, categories, get, refresh, priceOf }
  }),
}) {}
