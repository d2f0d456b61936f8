import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Exit } from "effect"
import { People } from "../../../src/domain/identity/UserDirectory"
import { Users } from "../../../src/domain/identity/Users"
import { Analytics } from "../../../src/domain/operations/Analytics"
import { Audit } from "../../../src/domain/operations/Audit"
import { Usage } from "../../../src/domain/operations/Usage"
import { UserId } from "../../../src/domain/shared/Actor"
import { IdGenerator } from "../../../src/domain/shared/Ids"
import { layer } from "../../support/it"
import * as Domains from "../../support/testLayer"

const everything = { offset: 0, limit: 1000 }

layer(Domains.layer({ TOKENS_LIMIT: "100" }))("What administrators do", (it) => {
  it.live("is done and written down, or neither", () =>
    Effect.gen(function* () {
      const [users, usage, people] = yield* Effect.all([Users, Usage, People])
      const sql = yield* SqlClient.SqlClient
      const admin = yield* Domains.newActor("admin")
      const { userId } = yield* Domains.newActor()
      const before = yield* people.get(admin, userId)
      const acts = [
        users.ban(admin, userId, "Spam"),
        users.unban(admin, userId),
        usage.setLimit(admin, userId, 7),
      ]
      yield* sql`alter table audit_log rename to audit_log_gone`
      const exits = yield* Effect.forEach(acts, Effect.exit)
      yield* sql`alter table audit_log_gone rename to audit_log`
      expect(exits.map(Exit.isFailure)).toEqual([true, true, true])
      expect(yield* people.get(admin, userId)).toEqual(before)
      yield* Effect.all(acts)
      const { items } = yield* (yield* Audit).list(admin, everything)
      const own = items.filter(({ targetId }) => targetId === userId)
      expect(own.map(({ action, adminId }) => [action, adminId])).toEqual([
        ["update_limits", admin.userId],
        ["unban_user", admin.userId],
        ["ban_user", admin.userId],
      ])
    }),
  )

  it.live("is refused to everyone else at every door", () =>
    Effect.gen(function* () {
      const [users, usage, people, analytics] = yield* Effect.all([Users, Usage, People, Analytics])
      const actor = yield* Domains.newActor()
      const { userId } = yield* Domains.newActor()
      const acts = [
        users.ban(actor, userId, ""),
        users.unban(actor, userId),
        usage.setLimit(actor, userId, -1),
        people.list(actor, { includeBanned: true }, everything),
        people.get(actor, actor.userId),
        (yield* Audit).list(actor, everything),
        analytics.overview(actor, 30),
        analytics.costs(actor, 30),
        analytics.timeSeries(actor, 30, "day"),
      ]
      const refusals = yield* Effect.forEach(acts, (act) => Effect.flip(act))
      expect(refusals.map(({ _tag }) => _tag)).toEqual(refusals.map(() => "AdminsOnly"))
    }),
  )

  it.live("to a limit holds for calls that are made meanwhile", () =>
    Effect.gen(function* () {
      const usage = yield* Usage
      const people = yield* People
      const ids = yield* IdGenerator
      const admin = yield* Domains.newActor("admin")
      const actor = yield* Domains.newActor()
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
      expect((yield* people.get(admin, actor.userId)).tokensLimit).toBe(-1)
    }),
  )

  it.live("to nobody finds nobody", () =>
    Effect.gen(function* () {
      const [users, usage, people] = yield* Effect.all([Users, Usage, People])
      const admin = yield* Domains.newActor("admin")
      const ids = [UserId.make("nobody"), UserId.make(yield* (yield* IdGenerator).generate)]
      for (const id of ids) {
        const refusals = yield* Effect.all([
          Effect.flip(users.ban(admin, id, "")),
          Effect.flip(users.unban(admin, id)),
          Effect.flip(usage.setLimit(admin, id, 1)),
          Effect.flip(people.get(admin, id)),
        ])
        expect(refusals.map(({ _tag }) => _tag)).toEqual(refusals.map(() => "UserNotFound"))
      }
    }),
  )
})
