import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Option } from "effect"
import { Memberships } from "../../../src/domain/identity/Memberships"
import type { Scope } from "../../../src/domain/identity/Memberships/Model"
import { type Actor, UserId } from "../../../src/domain/shared/Actor"
import { layer } from "../../support/it"
import * as TestLayer from "../../support/testLayer"

const newOrganization = Effect.fnUntraced(function* () {
  const memberships = yield* Memberships
  const owner = yield* TestLayer.newActor()
  const organization: Scope<"organization"> = {
    kind: "organization",
    id: yield* memberships.create(owner, "organization"),
  }
  const join = Effect.fnUntraced(function* (role: "owner" | "admin" | "member") {
    const actor = yield* TestLayer.newActor()
    yield* memberships.add(owner, organization, actor, role)
    return actor
  })
  return { memberships, owner, organization, join }
})

type Attempt = Effect.Effect<unknown, { readonly _tag: string }>

const outcome = (effect: Attempt) =>
  Effect.match(effect, { onFailure: ({ _tag }) => _tag, onSuccess: () => "ok" })

/** Runs effects at the same time. Returns their sorted outcomes. */
const race = (effects: ReadonlyArray<Attempt>) =>
  Effect.map(Effect.all(effects.map(outcome), { concurrency: "unbounded" }), (all) => all.sort())

layer(TestLayer.layer())("Memberships", (it) => {
  it.live("make the creator of a scope its owner and list members in the order in which they joined", () =>
    Effect.gen(function* () {
      const { memberships, owner, organization, join } = yield* newOrganization()
      const [admin, member] = [yield* join("admin"), yield* join("member")]
      const { total, items } = yield* memberships.list(member, organization)
      expect(total).toBe(3)
      expect(items.map(({ userId, role }) => [userId, role])).toEqual([
        [owner.userId, "owner"],
        [admin.userId, "admin"],
        [member.userId, "member"],
      ])
      const page = yield* memberships.list(member, organization, { offset: 1, limit: 1 })
      expect([page.total, page.items[0]?.userId]).toEqual([3, admin.userId])
      expect(yield* memberships.list(member, organization, { offset: 9, limit: 1 })).toEqual({
        total: 3,
        items: [],
      })
    }),
  )

  it.live("look missing to other users, to members of another scope and under another kind", () =>
    Effect.gen(function* () {
      const { memberships, owner, organization } = yield* newOrganization()
      const { owner: outsider } = yield* newOrganization()
      const attempts = (actor: Actor, scope: Scope<"organization"> | Scope<"team">) => [
        memberships.list(actor, scope),
        memberships.requireMember(actor, scope),
        memberships.add(actor, scope, { userId: owner.userId }, "member"),
        memberships.changeRole(actor, scope, owner.userId, "member"),
        memberships.remove(actor, scope, owner.userId),
        memberships.deleteScope(actor, scope),
      ]
      const outcomes = yield* Effect.forEach(
        [...attempts(outsider, organization), ...attempts(owner, { ...organization, kind: "team" })],
        outcome,
      )
      expect(new Set(outcomes)).toEqual(new Set(["ScopeNotFound"]))
      expect(yield* memberships.roleOf(outsider, organization)).toEqual(Option.none())
      expect(yield* memberships.roleOf(owner, organization)).toEqual(Option.some("owner"))
    }),
  )

  it.live("let nobody grant more than they have, nor change a member who has more", () =>
    Effect.gen(function* () {
      const { memberships, owner, organization, join } = yield* newOrganization()
      const [admin, member, newcomer] = [
        yield* join("admin"),
        yield* join("member"),
        yield* TestLayer.newActor(),
      ]
      const outcomes = yield* Effect.forEach(
        [
          memberships.add(member, organization, newcomer, "member"),
          memberships.changeRole(member, organization, member.userId, "admin"),
          memberships.remove(member, organization, admin.userId),
          memberships.deleteScope(member, organization),
          memberships.add(admin, organization, newcomer, "owner"),
          memberships.changeRole(admin, organization, member.userId, "owner"),
          memberships.changeRole(admin, organization, owner.userId, "member"),
          memberships.remove(admin, organization, owner.userId),
          memberships.deleteScope(admin, organization),
        ],
        outcome,
      )
      expect(new Set(outcomes)).toEqual(new Set(["NotPermitted"]))
      expect((yield* memberships.add(admin, organization, newcomer, "admin")).role).toBe("admin")
      yield* memberships.remove(admin, organization, member.userId)
      yield* memberships.remove(newcomer, organization, newcomer.userId)
      expect((yield* memberships.list(owner, organization)).items.map(({ userId }) => userId)).toEqual([
        owner.userId,
        admin.userId,
      ])
    }),
  )

  it.live("report unknown users and members who are none", () =>
    Effect.gen(function* () {
      const { memberships, owner, organization } = yield* newOrganization()
      const other = yield* TestLayer.newActor()
      const unknown = UserId.make("unknown")
      expect(
        yield* Effect.forEach(
          [
            memberships.add(owner, organization, { userId: unknown }, "member"),
            memberships.add(owner, organization, { email: "nobody@example.com" }, "member"),
            memberships.changeRole(owner, organization, other.userId, "admin"),
            memberships.remove(owner, organization, unknown),
          ],
          outcome,
        ),
      ).toEqual(["UserNotFound", "UserNotFound", "MemberNotFound", "MemberNotFound"])
    }),
  )

  it.live("add a user once when two add the same one at the same time", () =>
    Effect.gen(function* () {
      const { memberships, owner, organization, join } = yield* newOrganization()
      const admin = yield* join("admin")
      const user = yield* TestLayer.newActor("user", { email: "added-twice@example.com" })
      expect(
        yield* race([
          memberships.add(owner, organization, user, "admin"),
          memberships.add(admin, organization, { email: "added-twice@example.com" }, "member"),
        ]),
      ).toEqual(["AlreadyMember", "ok"])
    }),
  )

  it.live("keep an owner when both of two owners leave or are demoted at the same time", () =>
    Effect.gen(function* () {
      const { memberships, owner, organization, join } = yield* newOrganization()
      const second = yield* join("owner")
      const leave = (actor: Actor) => memberships.remove(actor, organization, actor.userId)
      expect(yield* race([leave(owner), leave(second)])).toEqual(["LastOwner", "ok"])
      const role = yield* memberships.roleOf(owner, organization)
      const [last, gone] = Option.isSome(role) ? [owner, second] : [second, owner]
      yield* memberships.add(last, organization, gone, "owner")
      const demote = (actor: Actor) => memberships.changeRole(actor, organization, actor.userId, "member")
      expect(yield* race([demote(last), demote(gone)])).toEqual(["LastOwner", "ok"])
    }),
  )

  it.live("are deleted with their scope, also while someone is being added", () =>
    Effect.gen(function* () {
      const { memberships, owner, organization, join } = yield* newOrganization()
      const admin = yield* join("admin")
      const user = yield* TestLayer.newActor()
      const outcomes = yield* race([
        memberships.deleteScope(owner, organization),
        memberships.add(admin, organization, user, "member"),
      ])
      expect(outcomes.at(-1)).toBe("ok")
      const sql = yield* SqlClient.SqlClient
      expect(yield* sql`select id from memberships where scope_id = ${organization.id}`).toEqual([])
      expect(yield* outcome(memberships.list(owner, organization))).toBe("ScopeNotFound")
    }),
  )
})
