import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { Administrators } from "../../../src/domain/identity/Administrators"
import { Sessions } from "../../../src/domain/identity/Sessions"
import { Users } from "../../../src/domain/identity/Users"
import { Audit } from "../../../src/domain/operations/Audit"
import { layer } from "../../support/it"
import * as TestLayer from "../../support/testLayer"

const password = "yourPassword"

/** Registers a user and signs in. Returns what the role of that session is, and whether it is active. */
const newSession = (email: string) =>
  Effect.gen(function* () {
    const [users, sessions] = yield* Effect.all([Users, Sessions])
    yield* users.register({ email, password, name: "Test User" })
    const { session } = yield* users.signIn({ email }, password)
    return sessions.authenticate(session.accessToken)
  })

layer(TestLayer.layer())("Administrators", (it) => {
  it.live("gives and takes the role at once, and names the operator in the audit log", () =>
    Effect.gen(function* () {
      const [administrators, sessions, audit] = yield* Effect.all([Administrators, Sessions, Audit])
      const root = yield* administrators.create({ email: "root@example.com", password, name: "Root" }, "test")
      const email = "promoted@example.com"
      const authenticate = yield* newSession(email)
      const user = yield* authenticate
      yield* administrators.promote(email)
      yield* administrators.promote(email)
      const admin = yield* authenticate
      expect([user.role, admin.role]).toEqual(["user", "admin"])
      expect(yield* administrators.list).toEqual([
        { email: "root@example.com", name: "Root" },
        { email, name: "Test User" },
      ])
      yield* administrators.demote(email)
      expect((yield* authenticate).role).toBe("user")
      // What is open keeps its role: it is closed, and comes back with the current one.
      expect(yield* Effect.all([sessions.isActive(user), sessions.isActive(admin)])).toEqual([true, false])

      const { items } = yield* audit.list({ ...user, role: "admin" }, { limit: 10, offset: 0 })
      const operator = { adminId: "00000000-0000-0000-0000-000000000000", adminEmail: "operator", ip: null }
      expect(items).toMatchObject([
        { ...operator, action: "demote_admin", targetId: user.userId },
        { ...operator, action: "promote_user", targetId: user.userId },
        { ...operator, action: "create_admin", targetId: root.id, details: { source: "test" } },
      ])
      expect((yield* audit.verify(undefined)).brokenAt).toBeNull()
    }),
  )

  it.live("keeps one administrator, however many are demoted at the same time", () =>
    Effect.gen(function* () {
      const [administrators, sql] = yield* Effect.all([Administrators, SqlClient.SqlClient])
      yield* Effect.orDie(sql`update users set role = 'user'`)
      const emails = ["first@example.com", "second@example.com"]
      yield* Effect.forEach(emails, (email) =>
        administrators.create({ email, password, name: "Root" }, "test"),
      )
      const outcomes = yield* Effect.forEach(emails, (email) => Effect.either(administrators.demote(email)), {
        concurrency: 2,
      })
      expect(outcomes.map(({ _tag }) => _tag).sort()).toEqual(["Left", "Right"])
      expect(yield* administrators.list).toHaveLength(1)
    }),
  )

  it.live("rejects unknown accounts, ordinary users to demote, and banned ones to promote", () =>
    Effect.gen(function* () {
      const [administrators, users] = yield* Effect.all([Administrators, Users])
      const { userId } = yield* TestLayer.newActor("user", { email: "banned@example.com" })
      yield* users.ban(yield* TestLayer.newActor("admin"), userId, "")
      const errors = yield* Effect.all([
        Effect.flip(administrators.promote("unknown@example.com")),
        Effect.flip(administrators.demote("unknown@example.com")),
        Effect.flip(administrators.setPassword("unknown@example.com", password)),
        Effect.flip(administrators.demote("banned@example.com")),
        Effect.flip(administrators.promote("banned@example.com")),
      ])
      expect(errors.map(({ _tag }) => _tag)).toEqual([
        "UserNotFound",
        "UserNotFound",
        "UserNotFound",
        "RoleChangeNotAllowed",
        "RoleChangeNotAllowed",
      ])
    }),
  )

  it.live("replaces the password of an account and ends its sessions", () =>
    Effect.gen(function* () {
      const [administrators, users] = yield* Effect.all([Administrators, Users])
      const email = "forgetful@example.com"
      const authenticate = yield* newSession(email)
      yield* authenticate
      yield* administrators.setPassword(email, "Another123")
      expect((yield* Effect.flip(authenticate))._tag).toBe("Unauthenticated")
      expect((yield* Effect.flip(users.signIn({ email }, password)))._tag).toBe("InvalidCredentials")
      expect((yield* users.signIn({ email }, "Another123")).user.email).toBe(email)
    }),
  )
})
