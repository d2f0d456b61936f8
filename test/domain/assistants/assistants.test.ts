import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Deferred, Effect, Fiber } from "effect"
import { Assistants } from "../../../src/domain/assistants/Assistants"
import { type NewAssistant, nameOfCopy } from "../../../src/domain/assistants/Assistants/Model"
import type { Actor } from "../../../src/domain/shared/Actor"
import * as Database from "../../support/Database"
import { it as alone, layer } from "../../support/it"
import * as Domains from "../../support/testLayer"

const whole = { offset: 0, limit: 1000 }

const make = (actor: Actor, fields: Partial<NewAssistant> = {}) =>
  Effect.flatMap(Assistants, (assistants) =>
    assistants.create(actor, { name: "Helper", modelId: "a/b", systemPrompt: "Help.", ...fields }),
  )

const published = (actor: Actor, fields: Partial<NewAssistant> = {}) =>
  Effect.gen(function* () {
    const { id } = yield* make(actor, fields)
    return yield* (yield* Assistants).publish(actor, id)
  })

layer(Domains.layer())("Assistants", (it) => {
  it.live("that were saved are private again to all but their owner, administrators included", () =>
    Effect.gen(function* () {
      const assistants = yield* Assistants
      const [owner, other] = yield* Effect.all([Domains.newActor(), Domains.newActor()])
      const admin = yield* Domains.newActor("admin")
      const { id } = yield* published(owner, { name: "Secret plans", tags: ["secret"] })
      yield* Effect.forEach([owner, other], (actor) => assistants.save(actor, id))
      yield* assistants.unpublish(owner, id)
      const refused = yield* Effect.forEach([other, admin], (actor) =>
        Effect.forEach(
          [
            assistants.forUse(actor, id),
            assistants.inGallery(actor, id),
            assistants.save(actor, id),
            assistants.use(actor, id),
            assistants.duplicate(actor, id),
            assistants.update(actor, id, { name: "Mine" }),
            assistants.publish(actor, id),
            assistants.remove(actor, id),
          ],
          Effect.flip,
        ),
      )
      expect([...new Set(refused.flat().map(({ _tag }) => _tag))]).toEqual(["AssistantNotFound"])
      expect(yield* assistants.saved(other, whole)).toEqual({ total: 0, items: [] })
      const { total, items } = yield* assistants.saved(owner, whole)
      expect([total, items.map(({ name }) => name)]).toEqual([1, ["Secret plans"]])
    }),
  )

  it.live(
    "that are being deleted are waited for by who saves or uses them, and then are not there",
    () =>
      Effect.gen(function* () {
        const assistants = yield* Assistants
        const sql = yield* SqlClient.SqlClient
        const [owner, other] = yield* Effect.all([Domains.newActor(), Domains.newActor()])
        const waiting = sql`
          select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
        for (const attempt of [assistants.save, assistants.use]) {
          const { id } = yield* published(owner)
          const [deleted, committed] = yield* Effect.all([Deferred.make<void>(), Deferred.make<void>()])
          const deletion = yield* assistants
            .remove(owner, id)
            .pipe(
              Effect.zipRight(Deferred.succeed(deleted, undefined)),
              Effect.zipRight(Deferred.await(committed)),
              sql.withTransaction,
              Effect.fork,
            )
          yield* Deferred.await(deleted)
          const attempted = yield* Effect.fork(Effect.flip(attempt(other, id)))
          yield* Effect.repeat(Effect.delay(waiting, "10 millis"), { until: (rows) => rows.length > 0 })
          yield* Deferred.succeed(committed, undefined)
          expect((yield* Fiber.join(attempted))._tag).toBe("AssistantNotFound")
          yield* Fiber.join(deletion)
        }
      }),
    { skipReason: Database.postgresUnavailable },
  )

  it.live("change in what is said of them alone, also when more is said at the same time", () =>
    Effect.gen(function* () {
      const assistants = yield* Assistants
      const owner = yield* Domains.newActor()
      const { id } = yield* make(owner, { modelName: "B the Great", tags: ["a"] })
      yield* Effect.all(
        [
          assistants.update(owner, id, { name: "Other", modelId: "a/b" }),
          assistants.update(owner, id, { parameters: { temperature: 2 } }),
          assistants.update(owner, id, { parameters: { topP: 0 }, tags: [] }),
        ],
        { concurrency: "unbounded" },
      )
      const same = yield* assistants.forUse(owner, id)
      expect([same.name, same.modelName, same.tags, same.parameters]).toEqual([
        "Other",
        "B the Great",
        [],
        { temperature: 2, maxTokens: 2048, topP: 0, frequencyPenalty: 0, presencePenalty: 0 },
      ])
    }),
  )
})

alone.effect("the name of a copy is cut where a name must end, and never inside a character", () =>
  Effect.sync(() => {
    expect(nameOfCopy("Helper")).toBe("Copy of Helper")
    expect(nameOfCopy("x".repeat(100))).toBe(`Copy of ${"x".repeat(92)}`)
    expect(nameOfCopy(`${"x".repeat(91)}🤖`)).toBe(`Copy of ${"x".repeat(91)}`)
    expect(nameOfCopy(`${"x".repeat(91)} y`)).toBe(`Copy of ${"x".repeat(91)}`)
  }),
)
