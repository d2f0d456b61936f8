import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { Sessions } from "../../../src/domain/identity/Sessions"
import { Users } from "../../../src/domain/identity/Users"
import { UserId } from "../../../src/domain/shared/Actor"
import { layer } from "../../support/it"
import * as TestLayer from "../../support/testLayer"

layer(TestLayer.layer())("Users", (it) => {
  it.live("lets administrators ban users, but not themselves or each other", () =>
    Effect.gen(function* () {
      const users = yield* Users
      const [user, admin, other] = yield* Effect.all([
        TestLayer.newActor(),
        TestLayer.newActor("admin"),
        TestLayer.newActor("admin"),
      ])
      const errors = yield* Effect.all([
        Effect.flip(users.ban(user, admin.userId, "")),
        Effect.flip(users.ban(user, user.userId, "")),
        Effect.flip(users.ban(admin, admin.userId, "")),
        Effect.flip(users.ban(admin, other.userId, "")),
        Effect.flip(users.ban(admin, UserId.make("unknown"), "")),
      ])
      expect(errors.map(({ _tag }) => _tag)).toEqual([
        "AdminRequired",
        "AdminRequired",
        "StatusChangeNotAllowed",
        "StatusChangeNotAllowed",
        "UserNotFound",
      ])
      yield* users.ban(admin, user.userId, "Spam")
      expect((yield* users.me(user)).statusReason).toBe("Spam")
    }),
  )

  it.live("refuses sign-in to a suspended user until the suspension is lifted or over", () =>
    Effect.gen(function* () {
      const [users, sessions, sql] = yield* Effect.all([Users, Sessions, SqlClient.SqlClient])
      const admin = yield* TestLayer.newActor("admin")
      const email = "suspended@example.com"
      const { userId } = yield* TestLayer.newActor("user", { email })
      const signIn = Effect.either(users.signIn({ email }, "yourPassword"))
      const isActive = (session: { readonly accessToken: string }) =>
        Effect.map(Effect.either(sessions.authenticate(session.accessToken)), ({ _tag }) => _tag === "Right")

      const first = yield* Effect.flatten(signIn)
      const until = new Date(Date.now() + 3_600_000)
      const suspend = users.setStatus(admin, userId, { status: "suspended", reason: "Spam", until })
      expect(yield* suspend).toMatchObject({ status: "suspended", statusReason: "Spam", statusUntil: until })
      expect(yield* isActive(first.session)).toBe(false)
      expect(yield* Effect.flip(yield* signIn)).toMatchObject({
        _tag: "AccountSuspended",
        reason: "Spam",
        until,
      })
      const wrong = yield* Effect.flip(users.signIn({ email }, "wrong"))
      expect(wrong._tag).toBe("InvalidCredentials")

      yield* users.setStatus(admin, userId, { status: "active" })
      expect(yield* isActive((yield* Effect.flatten(signIn)).session)).toBe(true)
      expect(yield* isActive(first.session)).toBe(false)

      yield* suspend
      yield* sql`update users set status_until = now() - interval '1 second' where id = ${userId}`
      expect(yield* isActive((yield* Effect.flatten(signIn)).session)).toBe(true)
    }),
  )

  it.live("derives a unique username from the email address, numbered if it is taken in any case", () =>
    Effect.gen(function* () {
      const users = yield* Users
      const register = (email: string) =>
        Effect.map(
          users.register({ email, password: "yourPassword", name: "Test User" }),
          ({ username }) => username,
        )
      const chosen = { email: "grace@one.example", password: "yourPassword", name: "Grace" }
      yield* users.registerAs("Grace.Hopper", chosen)
      expect(yield* register("grace.hopper@two.example")).toBe("grace.hopper2")
      expect(yield* register("jürgen+news@one.example")).toBe("jurgen")
      expect(yield* register("李@one.example")).toBe("user")
      expect(yield* register("x.@one.example")).toBe("user-x")
      expect(yield* register(`${"long".repeat(15)}@one.example`)).toBe("longlonglonglonglonglon")

      const racing = Array.from({ length: 8 }, (_, i) => register(`ada@${i}.example`))
      const usernames = yield* Effect.all(racing, { concurrency: "unbounded" })
      expect(new Set(usernames).size).toBe(8)
      for (const username of usernames) expect(username).toMatch(/^ada\d{0,9}$/)
    }),
  )

  it.live("rejects a username that is taken in any case, and reports a taken email address first", () =>
    Effect.gen(function* () {
      const users = yield* Users
      const register = (username: string, email: string) =>
        Effect.either(users.registerAs(username, { email, password: "yourPassword", name: "Test User" }))
      const racing = ["Linus", "linus", "LINUS"].map((username, i) => register(username, `l${i}@one.example`))
      const outcomes = yield* Effect.all(racing, { concurrency: "unbounded" })
      expect(outcomes.map(({ _tag }) => _tag).sort()).toEqual(["Left", "Left", "Right"])
      const errors = yield* Effect.all([
        Effect.flip(yield* register("linus", "other@one.example")),
        Effect.flip(
          yield* register("linus", `l${outcomes.findIndex(({ _tag }) => _tag === "Right")}@one.example`),
        ),
      ])
      expect(errors.map(({ _tag }) => _tag)).toEqual(["UsernameTaken", "EmailTaken"])
    }),
  )

  it.live("stores salted argon2id hashes instead of passwords", () =>
    Effect.gen(function* () {
      const actors = yield* Effect.all([TestLayer.newActor(), TestLayer.newActor()])
      const sql = yield* SqlClient.SqlClient
      const rows = yield* sql<{ hash: string; row: string }>`
        select password_hash as hash, u::text as row from users u where id in ${sql.in(actors.map(({ userId }) => userId))}`
      expect(new Set(rows.map(({ hash }) => hash)).size).toBe(2)
      for (const { hash, row } of rows) {
        expect(hash).toStartWith("$argon2id$v=19$m=19456,t=2,p=1$")
        expect(row).not.toContain("yourPassword")
      }
    }),
  )

  it.live("changes a password once when two concurrent changes present the same old one", () =>
    Effect.gen(function* () {
      const users = yield* Users
      const actor = yield* TestLayer.newActor("user", { email: "twice@example.com" })
      const change = (next: string) =>
        Effect.either(users.changePassword(actor, { current: "yourPassword", next }))
      const outcomes = yield* Effect.all([change("First111"), change("Second22")], { concurrency: 2 })
      expect(outcomes.map(({ _tag }) => _tag).sort()).toEqual(["Left", "Right"])
      const winner = outcomes[0]?._tag === "Right" ? "First111" : "Second22"
      expect((yield* users.signIn({ email: "twice@example.com" }, winner)).user.id).toBe(actor.userId)
    }),
  )

  it.live("creates no active session for the old password during a concurrent password change", () =>
    Effect.gen(function* () {
      const users = yield* Users
      const sessions = yield* Sessions
      const actor = yield* TestLayer.newActor("user", { email: "racing@example.com" })
      const change = users.changePassword(actor, { current: "yourPassword", next: "Another1" })
      const old = Effect.either(users.signIn({ email: "racing@example.com" }, "yourPassword"))
      const [, ...signIns] = yield* Effect.all(
        [change, ...Array.from({ length: 8 }, (_, i) => Effect.delay(old, i * 10))],
        { concurrency: "unbounded" },
      )
      for (const signIn of signIns) {
        if (signIn?._tag === "Right") {
          const authenticated = yield* Effect.either(sessions.authenticate(signIn.right.session.accessToken))
          expect(authenticated._tag).toBe("Left")
        }
      }
    }),
  )
})
