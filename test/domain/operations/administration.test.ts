import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Exit } from "effect"
import { UserDirectory } from "../../../src/domain/identity/UserDirectory"
import { Users } from "../../../src/domain/identity/Users"
import { Analytics } from "../../../src/domain/operations/Analytics"
import { Audit } from "../../../src/domain/operations/Audit"
import { Usage } from "../../../src/domain/operations/Usage"
import { UserId } from "../../../src/domain/shared/Actor"
import { IdGenerator } from "../../../src/domain/shared/Ids"
import { layer } from "../../support/it"
import * as TestLayer from "../../support/testLayer"

const fullRange = { offset: 0, limit: 1000 }

layer(TestLayer.layer({ TOKENS_LIMIT: "100" }))("Administration", (it) => {
  it.live("applies and audits an action atomically", () =>
    Effect.gen(function* () {
      const [users, usage, directory] = yield* Effect.all([Users, Usage, UserDirectory])
      const sql = yield* SqlClient.SqlClient
      const admin = yield* TestLayer.newActor("admin")
      const { userId } = yield* TestLayer.newActor()
      const before = yield* directory.get(admin, userId)
      const acts = [
        users.ban(admin, userId, "Spam"),
        users.unban(admin, userId),
        usage.setLimit(admin, userId, 7),
      ]
      yield* sql`alter table audit_log rename to audit_log_gone`
      const exits = yield* Effect.forEach(acts, Effect.exit)
      yield* sql`alter table audit_log_gone rename to audit_log`
      expect(exits.map(Exit.isFailure)).toEqual([true, true, true])
      expect(yield* directory.get(admin, userId)).toEqual(before)
      yield* Effect.all(acts)
      const { items } = yield* (yield* Audit).list(admin, fullRange)
      const own = items.filter(({ targetId }) => targetId === userId)
      expect(own.map(({ action, adminId }) => [action, adminId])).toEqual([
        ["update_limits", admin.userId],
        ["unban_user", admin.userId],
        ["ban_user", admin.userId],
      ])
    }),
  )

  it.live("rejects every action of users who are not administrators", () =>
    Effect.gen(function* () {
      const [users, usage, directory, analytics] = yield* Effect.all([Users, Usage, UserDirectory, Analytics])
      const actor = yield* TestLayer.newActor()
      const { userId } = yield* TestLayer.newActor()
      const acts = [
        users.ban(actor, userId, ""),
        users.unban(actor, userId),
        usage.setLimit(actor, userId, -1),
        directory.list(actor, { includeBanned: true }, fullRange),
        directory.get(actor, actor.userId),
        (yield* Audit).list(actor, fullRange),
        analytics.overview(actor, 30),
        analytics.costs(actor, 30),
        analytics.timeSeries(actor, 30, "day"),
      ]
      const errors = yield* Effect.forEach(acts, (act) => Effect.flip(act))
      expect(errors.map(({ _tag }) => _tag)).toEqual(errors.map(() => "AdminRequired"))
    }),
  )

  it.live("enforces a new token limit on concurrent reservations", () =>
    Effect.gen(function* () {
      const usage = yield* Usage
      const directory = yield* UserDirectory
      const ids = yield* IdGenerator
      const admin = yield* TestLayer.newActor("admin")
      const actor = yield* TestLayer.newActor()
      const reserve = Effect.flatMap(ids.generate, (id) =>
        Effect.either(usage.reserve(actor, { id, model: "m", tokens: 30 })),
      )
      const calls = Effect.replicateEffect(reserve, 10, { concurrency: "unbounded" })
      const [first, , second] = yield* Effect.all([calls, usage.setLimit(admin, actor.userId, 70), calls], {
        concurrency: "unbounded",
      })
      const passed = [...first, ...second].filter(({ _tag }) => _tag === "Right").length
      expect([2, 3]).toContain(passed)
      expect((yield* reserve)._tag).toBe("Left")
      yield* usage.setLimit(admin, actor.userId, 30 * (passed + 1))
      expect([(yield* reserve)._tag, (yield* reserve)._tag]).toEqual(["Right", "Left"])
      yield* usage.setLimit(admin, actor.userId, -1)
      expect(yield* reserve).toMatchObject({ _tag: "Right", right: false })
      expect((yield* directory.get(admin, actor.userId)).tokensLimit).toBe(-1)
    }),
  )

  it.live("fails with UserNotFound for unknown and malformed user ids", () =>
    Effect.gen(function* () {
      const [users, usage, directory] = yield* Effect.all([Users, Usage, UserDirectory])
      const admin = yield* TestLayer.newActor("admin")
      const ids = [UserId.make("malformed"), UserId.make(yield* (yield* IdGenerator).generate)]
      for (const id of ids) {
        const errors = yield* Effect.all([
          Effect.flip(users.ban(admin, id, "")),
          Effect.flip(users.unban(admin, id)),
          Effect.flip(usage.setLimit(admin, id, 1)),
          Effect.flip(directory.get(admin, id)),
        ])
        expect(errors.map(({ _tag }) => _tag)).toEqual(errors.map(() => "UserNotFound"))
      }
    }),
  )
})
