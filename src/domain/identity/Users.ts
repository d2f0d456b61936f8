import { SqlClient } from "@effect/sql"
import { DateTime, Effect, Option, Redacted } from "effect"
import { Audit } from "../operations/Audit"
import { Usage } from "../operations/Usage"
import { type Actor, type Role, UserId, UserNotFound } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import { requireAdmin } from "../shared/Policy"
import { withTransaction } from "../shared/Transaction"
import { PasswordHasher } from "./PasswordHasher"
import { Sessions } from "./Sessions"
import { deriveUsername } from "./Users/deriveUsername"
import { AccountBanned, EmailTaken, InvalidCredentials, UsernameTaken, WrongPassword } from "./Users/Errors"
import type { NewUser, ProfileChange, SettingsChange, User } from "./Users/Model"
import { requireCanBan } from "./Users/Policy"
import { UsersRepo } from "./Users/Repo"

/** Manages user accounts: registration, sign-in, profile, settings, password and bans. */
export class Users extends Effect.Service<Users>()("Users", {
  dependencies: [UsersRepo.Default, Usage.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* UsersRepo
    const sessions = yield* Sessions
    const usage = yield* Usage
    const audit = yield* Audit
    const hasher = yield* PasswordHasher
    const ids = yield* IdGenerator

    const orNotFound = <A>(row: Option.Option<A>) => Effect.mapError(row, () => new UserNotFound())

    /** Inserts a user under the username that they chose, else under a free one that derives from the email address. */
    const insert = Effect.fnUntraced(function* (
      user: Omit<User, "username">,
      passwordHash: string,
      chosen: string | undefined,
    ) {
      for (let attempt = 1; ; attempt++) {
        const username = chosen ?? (yield* deriveUsername(user.email, attempt))
        if (yield* repo.insert({ ...user, username }, passwordHash)) return username
        if (yield* repo.isEmailTaken(user.email)) return yield* new EmailTaken({ email: user.email })
        if (chosen !== undefined) return yield* new UsernameTaken()
      }
    })

    const create = Effect.fn("Users.create")(function* (input: NewUser, role: Role, username?: string) {
      const passwordHash = yield* hasher.hash(Redacted.make(input.password))
      const createdAt = yield* DateTime.nowAsDate
      const user: Omit<User, "username"> = {
        id: UserId.make(yield* ids.generate),
        email: input.email,
        name: input.name,
        role,
        avatarUrl: null,
        bio: "",
        theme: "dark",
        notificationsEnabled: true,
        language: "en",
        emailVerifiedAt: createdAt,
        bannedAt: null,
        banReason: null,
        createdAt,
      }
      const inserted = yield* insert(user, passwordHash, username).pipe(
        Effect.tap(usage.createAccount(user.id, role)),
        transaction,
      )
      const created: User = { ...user, username: inserted }
      return created
    })

    const createWithDerivedUsername = (input: NewUser, role: Role) =>
      Effect.catchTag(create(input, role), "UsernameTaken", Effect.die)

    /**
     * Creates an account with the role `user` and a username that derives from the email address. Fails with
     * `EmailTaken` if the email address is in use.
     */
    const register = (input: NewUser) => createWithDerivedUsername(input, "user")

    /** Creates an account with the role `user` and this username. */
    const registerAs = (username: string, input: NewUser) => create(input, "user", username)

    /** Creates an administrator. Only the server's operator may call it, never a contract. */
    const createAdmin = (input: NewUser) => createWithDerivedUsername(input, "admin")

    /** Creates a session for valid credentials. An unknown email address takes as long as a wrong password. */
    const signIn = Effect.fn("Users.signIn")(function* (email: string, password: string) {
      const credentials = Option.getOrUndefined(yield* repo.findCredentials({ email }))
      const matches = yield* hasher.verify(Redacted.make(password), credentials?.passwordHash)
      if (credentials === undefined || !matches) return yield* new InvalidCredentials()
      const { user } = credentials
      if (user.bannedAt !== null) return yield* new AccountBanned({ reason: user.banReason ?? "" })
      const created = yield* sessions.createForPassword(user.id, credentials.passwordHash)
      const session = yield* Effect.mapError(created, () => new InvalidCredentials())
      return { user, session }
    })

    const me = Effect.fn("Users.me")((actor: Actor) => Effect.flatMap(repo.find(actor.userId), orNotFound))

    /** Updates the provided profile fields; an `avatarUrl` of null removes the avatar. */
    const updateProfile = Effect.fn("Users.updateProfile")((actor: Actor, change: ProfileChange) =>
      Effect.flatMap(repo.updateProfile(actor.userId, change), orNotFound),
    )

    /** Updates the provided settings. */
    const updateSettings = Effect.fn("Users.updateSettings")((actor: Actor, change: SettingsChange) =>
      Effect.flatMap(repo.updateSettings(actor.userId, change), orNotFound),
    )

    /** Changes the actor's password and revokes all of their sessions except the current one. */
    const changePassword = Effect.fn("Users.changePassword")(function* (
      actor: Actor,
      change: { readonly current: string; readonly next: string },
    ) {
      const credentials = Option.getOrUndefined(yield* repo.findCredentials({ id: actor.userId }))
      const matches = yield* hasher.verify(Redacted.make(change.current), credentials?.passwordHash)
      if (credentials === undefined || !matches) return yield* new WrongPassword()
      const next = yield* hasher.hash(Redacted.make(change.next))
      yield* Effect.gen(function* () {
        const replaced = yield* repo.replacePassword(actor.userId, credentials.passwordHash, next)
        if (!replaced) return yield* new WrongPassword()
        yield* sessions.revokeAll(actor.userId, { except: actor.sessionId })
      }).pipe(transaction, Effect.ensuring(sessions.invalidate(actor.userId)))
    })

    /** Runs the steps in one transaction with the user's row locked, so that bans do not interleave. */
    const withLockedUser = <E>(id: UserId, steps: (user: User) => Effect.Effect<unknown, E>) =>
      Effect.asVoid(Effect.flatMap(Effect.flatMap(repo.lock(id), orNotFound), steps)).pipe(transaction)

    /** Bans a user and revokes their sessions at once. Requires an administrator; administrators cannot be banned. */
    const ban = Effect.fn("Users.ban")(function* (actor: Actor, userId: UserId, reason: string) {
      yield* requireAdmin(actor)
      const { id } = yield* Effect.flatMap(repo.find(userId), orNotFound)
      yield* withLockedUser(id, (user) =>
        Effect.gen(function* () {
          yield* requireCanBan(actor, user)
          yield* repo.setBan(id, { at: yield* DateTime.nowAsDate, reason })
          yield* sessions.revokeAll(id)
          yield* audit.record(actor, "ban_user", id, { reason })
        }),
      ).pipe(Effect.ensuring(sessions.invalidate(id)))
    })

    /** Lifts a ban. Revoked sessions stay revoked. Requires an administrator. */
    const unban = Effect.fn("Users.unban")(function* (actor: Actor, id: UserId) {
      yield* requireAdmin(actor)
      yield* withLockedUser(id, (user) =>
        Effect.zipRight(repo.setBan(user.id, null), audit.record(actor, "unban_user", user.id)),
      )
    })

    return {
      register,
      registerAs,
      createAdmin,
      signIn,
      me,
      updateProfile,
      updateSettings,
      changePassword,
      ban,
      unban,
    }
  }),
}) {}
