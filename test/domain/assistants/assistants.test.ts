import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Deferred, Effect, Fiber } from "effect"
import { Assistants } from "../../../src/domain/assistants/Assistants"
import { copyName, type NewAssistant } from "../../../src/domain/assistants/Assistants/Model"
import type { Actor } from "../../../src/domain/shared/Actor"
import * as Database from "../../support/Database"
import { layer, it as standaloneIt } from "../../support/it"
import * as TestLayer from "../../support/testLayer"

const fullRange = { offset: 0, limit: 1000 }

const make = (actor: Actor, fields: Partial<NewAssistant> = {}) =>
  Effect.flatMap(Assistants, (assistants) =>
    assistants.create(actor, { name: "Helper", modelId: "a/b", systemPrompt: "Help.", ...fields }),
  )

const published = (actor: Actor, fields: Partial<NewAssistant> = {}) =>
  Effect.gen(function* () {
    const { id } = yield* make(actor, fields)
    return yield* (yield* Assistants).publish(actor, id)
  })

layer(TestLayer.layer())("Assistants", (it) => {
  it.live("hides an unpublished assistant from everyone but its owner, administrators included", () =>
    Effect.gen(function* () {
      const assistants = yield* Assistants
      const [owner, other] = yield* Effect.all([TestLayer.newActor(), TestLayer.newActor()])
      const admin = yield* TestLayer.newActor("admin")
      const { id } = yield* published(owner, { name: "Secret plans", tags: ["secret"] })
      yield* Effect.forEach([owner, other], (actor) => assistants.save(actor, id))
      yield* assistants.unpublish(owner, id)
      const errors = yield* Effect.forEach([other, admin], (actor) =>
        Effect.forEach(
          [
            assistants.getVisible(actor, id),
            assistants.getPublished(actor, id),
            assistants.save(actor, id),
            assistants.copyFromGallery(actor, id),
            assistants.duplicate(actor, id),
            assistants.update(actor, id, { name: "Mine" }),
            assistants.publish(actor, id),
            assistants.remove(actor, id),
          ],
          Effect.flip,
        ),
      )
      expect([...new Set(errors.flat().map(({ _tag }) => _tag))]).toEqual(["AssistantNotFound"])
      expect(yield* assistants.listSaved(other, fullRange)).toEqual({ total: 0, items: [] })
      const { total, items } = yield* assistants.listSaved(owner, fullRange)
      expect([total, items.map(({ name }) => name)]).toEqual([1, ["Secret plans"]])
    }),
  )

  it.live(
    "neither saves nor copies an assistant whose concurrent deletion commits",
    () =>
      Effect.gen(function* () {
        const assistants = yield* Assistants
        const sql = yield* SqlClient.SqlClient
        const [owner, other] = yield* Effect.all([TestLayer.newActor(), TestLayer.newActor()])
        const waiting = sql`
          select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
        for (const attempt of [assistants.save, assistants.copyFromGallery]) {
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

  it.live("changes only the provided fields under concurrent updates", () =>
    Effect.gen(function* () {
      const assistants = yield* Assistants
      const owner = yield* TestLayer.newActor()
      const { id } = yield* make(owner, { modelName: "B the Great", tags: ["a"] })
      yield* Effect.all(
        [
          assistants.update(owner, id, { name: "Other", modelId: "a/b" }),
          assistants.update(owner, id, { parameters: { temperature: 2 } }),
          assistants.update(owner, id, { parameters: { topP: 0 }, tags: [] }),
        ],
        { concurrency: "unbounded" },
      )
      const updated = yield* assistants.getVisible(owner, id)
      expect([updated.name, updated.modelName, updated.tags, updated.parameters]).toEqual([
        "Other",
        "B the Great",
        [],
        { temperature: 2, topP: 0 },
      ])
    }),
  )
})

standaloneIt.effect("copyName truncates to the maximum length and never within a character", () =>
  Effect.sync(() => {
    expect(copyName("Helper")).toBe("Copy of Helper")
    expect(copyName("x".repeat(100))).toBe(`Copy of ${"x".repeat(92)}`)
    expect(copyName(`${"x".repeat(91)}🤖`)).toBe(`Copy of ${"x".repeat(91)}`)
    expect(copyName(`${"x".repeat(91)} y`)).toBe(`Copy of ${"x".repeat(91)}`)
  }),
)
