import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { Audit } from "../../../src/domain/operations/Audit"
import { ClientAddress } from "../../../src/domain/shared/ClientAddress"
import { layer } from "../../support/it"
import * as TestLayer from "../../support/testLayer"

const fullRange = { offset: 0, limit: 1000 }

/** Records actions one after another; their names are the given ones. */
const record = (...actions: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const audit = yield* Audit
    const admin = yield* TestLayer.newActor("admin")
    yield* Effect.forEach(actions, (action) => audit.record(admin, action, admin.userId, { é: [1, null] }))
    return admin
  })

const idOf = (action: string) =>
  Effect.gen(function* () {
    const { items } = yield* (yield* Audit).list(yield* TestLayer.newActor("admin"), fullRange, { action })
    return items[0]?.id ?? ""
  })

layer(TestLayer.layer())("Audit chain", (it) => {
  it.live("stays unbroken when many administrators act at once", () =>
    Effect.gen(function* () {
      const { entries: before } = yield* (yield* Audit).verify(undefined)
      yield* Effect.all(
        Array.from({ length: 20 }, (_, i) => record(`act_${i}`, `act_again_${i}`)),
        { concurrency: "unbounded" },
      )
      const status = yield* (yield* Audit).verify(undefined)
      expect(status).toMatchObject({ entries: before + 40, brokenAt: null })
    }),
  )

  it.live("lists entries by action, administrator and time, with the address of the request", () =>
    Effect.gen(function* () {
      const audit = yield* Audit
      const admin = yield* Effect.provideService(record("one", "two"), ClientAddress, () => "192.0.2.7")
      const all = yield* audit.list(admin, fullRange, { adminId: admin.userId })
      expect(all.items.map(({ action, ip }) => [action, ip])).toEqual([
        ["two", "192.0.2.7"],
        ["one", "192.0.2.7"],
      ])
      const [second] = all.items
      const { createdAt = new Date(0) } = second ?? {}
      const select = (filter: object) =>
        Effect.map(audit.list(admin, fullRange, { adminId: admin.userId, ...filter }), ({ total }) => total)
      expect(yield* select({ action: "one" })).toBe(1)
      expect(yield* select({ from: createdAt })).toBeGreaterThanOrEqual(1)
      expect(yield* select({ from: new Date(createdAt.getTime() + 1) })).toBe(0)
      expect(yield* select({ to: createdAt })).toBe(2)
    }),
  )
})

layer(TestLayer.layer())("Audit verification", (it) => {
  it.live("reports the first entry that was altered or precedes a removed one", () =>
    Effect.gen(function* () {
      const audit = yield* Audit
      const sql = yield* SqlClient.SqlClient
      expect(yield* audit.verify(undefined)).toEqual({
        entries: 0,
        lastHash: null,
        brokenAt: null,
        hasHash: true,
      })
      yield* record("first", "second", "third", "fourth")
      const { lastHash } = yield* audit.verify(undefined)
      expect(lastHash).toMatch(/^[0-9a-f]{64}$/)
      expect((yield* audit.verify(lastHash ?? "")).hasHash).toBe(true)

      yield* sql`update audit_log set details = '{}' where action = 'second'`
      expect((yield* audit.verify(undefined)).brokenAt).toEqual({
        id: yield* idOf("second"),
        reason: "altered",
      })
      yield* sql`delete from audit_log where action = 'second'`
      expect((yield* audit.verify(undefined)).brokenAt).toEqual({ id: yield* idOf("third"), reason: "gap" })
      yield* sql`delete from audit_log where action in ('third', 'fourth')`
      expect(yield* audit.verify(lastHash ?? "")).toMatchObject({ brokenAt: null, hasHash: false })
    }),
  )
})
