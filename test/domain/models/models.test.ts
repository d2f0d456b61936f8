import { describe, expect } from "bun:test"
import { Deferred, Duration, Effect, Fiber, Layer, Logger, LogLevel, TestClock } from "effect"
import { LanguageModel } from "../../../src/domain/models/LanguageModel"
import { ModelCatalogue } from "../../../src/domain/models/ModelCatalog"
import { Models } from "../../../src/domain/models/Models"
import { ListingFailed } from "../../../src/domain/models/Models/Errors"
import { bareModel, type Model } from "../../../src/domain/models/Models/Model"
import { it } from "../../support/it"

const failed = new ListingFailed({ provider: "One", reason: "it is away" })
const free = { ...bareModel("one/free"), pricing: { prompt: "0", completion: "0" } }

/** Two providers of which the first answers as it is told to, and counts how often it was asked. */
const make = () => {
  const state = {
    asked: 0,
    answer: Effect.succeed([free]) as Effect.Effect<ReadonlyArray<Model>, ListingFailed>,
  }
  const one = Effect.suspend(() => {
    state.asked++
    return state.answer
  })
  const catalogue = Layer.succeed(ModelCatalogue, {
    providers: [
      { name: "One", list: one },
      {
        name: "Two",
        list: Effect.suspend(() => (state.asked > 5 ? failed : Effect.succeed([bareModel("two/big")]))),
      },
    ],
    idOf: (model) => model.replace("uno/", "one/"),
  })
  const language = Layer.succeed(LanguageModel, {
    defaultModel: "two/small",
    speak: () => Effect.die("not asked here"),
    complete: () => Effect.die("not asked here"),
  })
  const layer = Models.Default.pipe(
    Layer.provide([catalogue, language]),
    Layer.merge(Logger.minimumLogLevel(LogLevel.None)),
  )
  return { state, layer }
}

const ids = (models: ReadonlyArray<Model>) => models.map(({ id }) => id)

describe("The models", () => {
  it.effect("are asked for in the background, waited for once, and never by a price", () => {
    const { state, layer } = make()
    return Effect.gen(function* () {
      const gate = yield* Deferred.make<ReadonlyArray<Model>>()
      state.answer = Deferred.await(gate)
      yield* Effect.gen(function* () {
        const models = yield* Models
        const listing = yield* Effect.fork(models.list)
        yield* TestClock.adjust(Duration.millis(1))
        expect(models.priceOf("one/free")).toBeNull()
        expect(yield* Fiber.poll(listing)).toEqual(expect.objectContaining({ _tag: "None" }))
        yield* Deferred.succeed(gate, [free])
        // The default model is there, though no list has it.
        expect(ids(yield* Fiber.join(listing))).toEqual(["two/small", "one/free", "two/big"])
        expect(models.priceOf("uno/free")).toEqual({ prompt: "0", completion: "0" })
        expect(models.priceOf("two/big")).toBeNull()
        expect((yield* models.get("uno/free")).id).toBe("one/free")
        expect((yield* Effect.flip(models.get("one/none"))).message).toBe(
          "No model named one/none is available here.",
        )
        expect([...(yield* models.categories)].map(([name, found]) => [name, ids(found)])).toEqual([
          ["two", ["two/small", "two/big"]],
          ["one", ["one/free"]],
        ])
        expect(state.asked).toBe(1)
      }).pipe(Effect.provide(layer))
    })
  })

  it.effect("are asked for again after a while, and sooner where a provider did not answer", () => {
    const { state, layer } = make()
    state.answer = failed
    return Effect.gen(function* () {
      const models = yield* Models
      expect(ids(yield* models.list)).toEqual(["two/small", "two/big"])
      state.answer = Effect.succeed([free])
      yield* TestClock.adjust(Duration.minutes(1))
      expect([state.asked, ids(yield* models.list).length]).toEqual([2, 3])
      yield* TestClock.adjust(Duration.minutes(59))
      expect(state.asked).toBe(2)
      yield* TestClock.adjust(Duration.minutes(1))
      expect(state.asked).toBe(3)
    }).pipe(Effect.provide(layer))
  })

  it.effect(
    "are asked for once by all who refresh them; meanwhile, and after a failure, what was told is good",
    () => {
      const { state, layer } = make()
      return Effect.gen(function* () {
        const models = yield* Models
        yield* models.list
        const gate = yield* Deferred.make<ReadonlyArray<Model>>()
        state.answer = Deferred.await(gate)
        const refreshes = yield* Effect.fork(
          Effect.all(
            Array.from({ length: 20 }, () => models.refresh),
            { concurrency: "unbounded" },
          ),
        )
        const leaving = yield* Effect.fork(models.refresh)
        yield* TestClock.adjust(Duration.millis(1))
        yield* Fiber.interrupt(leaving)
        expect(ids(yield* models.list)).toEqual(["two/small", "one/free", "two/big"])
        yield* Deferred.succeed(gate, [free, bareModel("one/new")])
        expect(new Set(yield* Fiber.join(refreshes))).toEqual(new Set([4]))
        expect(state.asked).toBe(2)

        state.answer = failed
        expect(yield* models.refresh).toBe(4)
        state.asked = 10
        expect((yield* Effect.flip(models.refresh))._tag).toBe("CatalogueUnavailable")
        expect(ids(yield* models.list).length).toBe(4)
      }).pipe(Effect.provide(layer))
    },
  )
})
