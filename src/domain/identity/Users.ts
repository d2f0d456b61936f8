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
import { AccountBanned, EmailTaken, InvalidCredentials, WrongPassword } from "./Users/Errors"
import type { NewUser, ProfileChange, SettingsChange, User } from "./Users/Model"
import { mayBan } from "./Users/Policy"
import { UsersRepo } from "./Users/Repo"

/** The people who have accounts: joining, proving who they are, changing what is theirs. */
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

    const orNotFound = <A>(found: Option.Option<A>) => Effect.mapError(found, () => new UserNotFound())

    const create = Effect.fn("Users.create")(function* (input: NewUser, role: Role) {
      const passwordHash = yield* hasher.hash(Redacted.make(input.password))
      const createdAt = yield* DateTime.nowAsDate
      const user: User = {
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
      yield* Effect.gen(function* () {
        const inserted = yield* repo.insert(user, passwordHash)
        if (!inserted) return yield* new EmailTaken({ email: input.email })
        yield* usage.openAccount(user.id, role)
      }).pipe(transaction)
      return user
    })

    /** A new account with the role of a user, for anybody. The address must be free. */
    const register = (input: NewUser) => create(input, "user")

    /** Administrators are made by who runs the server, never through a contract. */
    const createAdmin = (input: NewUser) => create(input, "admin")

    /** Opens a session for who has this address and password. Takes as long for an address that nobody has. */
    const signIn = Effect.fn("Users.signIn")(function* (email: string, password: string) {
      const found = Option.getOrUndefined(yield* repo.findCredentials({ email }))
      const matches = yield* hasher.verify(Redacted.make(password), found?.passwordHash)
      if (found === undefined || !matches) return yield* new InvalidCredentials()
      const { user } = found
      if (user.bannedAt !== null) return yield* new AccountBanned({ reason: user.banReason ?? "" })
      const opened = yield* sessions.openByPassword(user.id, found.passwordHash)
      const session = yield* Effect.mapError(opened, () => new InvalidCredentials())
      return { user, session }
    })

    const me = Effect.fn("Users.me")((actor: Actor) => Effect.flatMap(repo.find(actor.userId), orNotFound))

    /** Changes what is given of what others see; a picture of null is none. */
    const updateProfile = Effect.fn("Users.updateProfile")((actor: Actor, change: ProfileChange) =>
      Effect.flatMap(repo.updateProfile(actor.userId, change), orNotFound),
    )

    /** Changes what is given of how things look to them. */
    const updateSettings = Effect.fn("Users.updateSettings")((actor: Actor, change: SettingsChange) =>
      Effect.flatMap(repo.updateSettings(actor.userId, change), orNotFound),
    )

    /** Sets a new password and ends every session of this user but the one that asked. */
    const changePassword = Effect.fn("Users.changePassword")(function* (
      actor: Actor,
      change: { readonly current: string; readonly next: string },
    ) {
      const found = Option.getOrUndefined(yield* repo.findCredentials({ id: actor.userId }))
      const matches = yield* hasher.verify(Redacted.make(change.current), found?.passwordHash)
      if (found === undefined || !matches) return yield* new WrongPassword()
      const next = yield* hasher.hash(Redacted.make(change.next))
      yield* Effect.gen(function* () {
        const replaced = yield* repo.replacePassword(actor.userId, found.passwordHash, next)
        if (!replaced) return yield* new WrongPassword()
        yield* sessions.endAll(actor.userId, { except: actor.sessionId })
      }).pipe(transaction, Effect.ensuring(sessions.forget(actor.userId)))
    })

    /** Steps for a user whom nobody else bans or lets in meanwhile, kept together or not at all. */
    const withUser = <E>(id: UserId, steps: (user: User) => Effect.Effect<unknown, E>) =>
      Effect.asVoid(Effect.flatMap(Effect.flatMap(repo.lock(id), orNotFound), steps)).pipe(transaction)

    /** Bars a user and ends their sessions at once. Admins only; neither themselves nor one another. */
    const ban = Effect.fn("Users.ban")(function* (actor: Actor, asked: UserId, reason: string) {
      yield* requireAdmin(actor)
      const { id } = yield* Effect.flatMap(repo.find(asked), orNotFound)
      yield* withUser(id, (user) =>
        Effect.gen(function* () {
          yield* mayBan(actor, user)
          yield* repo.setBan(id, { at: yield* DateTime.nowAsDate, reason })
          yield* sessions.endAll(id)
          yield* audit.record(actor, "ban_user", id, { reason })
        }),
      ).pipe(Effect.ensuring(sessions.forget(id)))
    })

    /** Lets a user sign in again. Sessions that were ended stay so. Admins only. */
    const unban = Effect.fn("Users.unban")(function* (actor: Actor, id: UserId) {
      yield* requireAdmin(actor)
      yield* withUser(id, (user) =>
        Effect.zipRight(repo.setBan(user.id, null), audit.record(actor, "unban_user", user.id)),
      )
    })

    return {
      register,
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
