import { describe, expect } from "bun:test"
import { Deferred, Duration, Effect, Fiber, Layer, Logger, LogLevel, TestClock } from "effect"
import { ModelCatalog } from "../../../src/domain/models/ModelCatalog"
import { Models } from "../../../src/domain/models/Models"
import { ListModelsFailed } from "../../../src/domain/models/Models/Errors"
import { type Model, unknownModel } from "../../../src/domain/models/Models/Model"
import { CurrentSettings } from "../../../src/domain/shared/CurrentSettings"
import { it } from "../../support/it"

const failure = new ListModelsFailed({ provider: "One", reason: "connection refused" })
const free = { ...unknownModel("one/free"), pricing: { prompt: "0", completion: "0" } }

/** Creates two providers: the first returns `state.response` and counts its requests, the second fails after the fifth. */
const make = () => {
  const state = {
    requests: 0,
    response: Effect.succeed([free]) as Effect.Effect<ReadonlyArray<Model>, ListModelsFailed>,
  }
  const one = Effect.suspend(() => {
    state.requests++
    return state.response
  })
  const catalog = Layer.succeed(ModelCatalog, {
    providers: [
      { id: "openai", hasKey: true, name: "One", list: one },
      {
        id: "google",
        hasKey: true,
        name: "Two",
        list: Effect.suspend(() =>
          state.requests > 5 ? failure : Effect.succeed([unknownModel("two/big")]),
        ),
      },
    ],
    canonicalId: (model) => model.replace("uno/", "one/"),
    providerOf: () => undefined,
    publicId: (_, name) => name,
    defaultModelOf: () => undefined,
    listOfAccount: () => Effect.succeed([]),
  })
  const values = {
    registrationOpen: true,
    defaultModel: "two/small",
    tokensLimit: -1,
    maxFileBytes: 1,
    motd: "",
  }
  const settings = Layer.succeed(
    CurrentSettings,
    CurrentSettings.make({ get: () => values, reload: Effect.succeed(values) }),
  )
  const layer = Models.Default.pipe(
    Layer.provide([catalog, settings]),
    Layer.merge(Logger.minimumLogLevel(LogLevel.None)),
  )
  return { state, layer }
}

const ids = (models: ReadonlyArray<Model>) => models.map(({ id }) => id)

describe("Models", () => {
  it.effect("loads lists in the background: the first read waits for them, a price lookup does not", () => {
    const { state, layer } = make()
    return Effect.gen(function* () {
      const gate = yield* Deferred.make<ReadonlyArray<Model>>()
      state.response = Deferred.await(gate)
      yield* Effect.gen(function* () {
        const models = yield* Models
        const listing = yield* Effect.fork(models.list)
        yield* TestClock.adjust(Duration.millis(1))
        expect(models.priceOf("one/free")).toBeNull()
        expect(yield* Fiber.poll(listing)).toEqual(expect.objectContaining({ _tag: "None" }))
        yield* Deferred.succeed(gate, [free])
        // The default model is included although no provider lists it.
        expect(ids(yield* Fiber.join(listing))).toEqual(["two/small", "one/free", "two/big"])
        expect(models.priceOf("uno/free")).toEqual({ prompt: "0", completion: "0" })
        expect(models.priceOf("two/big")).toBeNull()
        expect((yield* models.get("uno/free")).id).toBe("one/free")
        expect((yield* Effect.flip(models.get("one/none"))).message).toBe(
          "No model named one/none is available here.",
        )
        expect([...(yield* models.categories)].map(([vendor, listed]) => [vendor, ids(listed)])).toEqual([
          ["two", ["two/small", "two/big"]],
          ["one", ["one/free"]],
        ])
        expect(state.requests).toBe(1)
      }).pipe(Effect.provide(layer))
    })
  })

  it.effect("refreshes the lists after their TTL, and sooner after a provider failed", () => {
    const { state, layer } = make()
    state.response = failure
    return Effect.gen(function* () {
      const models = yield* Models
      expect(ids(yield* models.list)).toEqual(["two/small", "two/big"])
      state.response = Effect.succeed([free])
      yield* TestClock.adjust(Duration.minutes(1))
      expect([state.requests, ids(yield* models.list).length]).toEqual([2, 3])
      yield* TestClock.adjust(Duration.minutes(59))
      expect(state.requests).toBe(2)
      yield* TestClock.adjust(Duration.minutes(1))
      expect(state.requests).toBe(3)
    }).pipe(Effect.provide(layer))
  })

  it.effect(
    "shares one request among concurrent refreshes, and serves the cached list meanwhile and after a failure",
    () => {
      const { state, layer } = make()
      return Effect.gen(function* () {
        const models = yield* Models
        yield* models.list
        const gate = yield* Deferred.make<ReadonlyArray<Model>>()
        state.response = Deferred.await(gate)
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
        yield* Deferred.succeed(gate, [free, unknownModel("one/new")])
        expect(new Set(yield* Fiber.join(refreshes))).toEqual(new Set([4]))
        expect(state.requests).toBe(2)

        state.response = failure
        expect(yield* models.refresh).toBe(4)
        state.requests = 10
        expect((yield* Effect.flip(models.refresh))._tag).toBe("ModelsUnavailable")
        expect(ids(yield* models.list).length).toBe(4)
      }).pipe(Effect.provide(layer))
    },
  )
})
