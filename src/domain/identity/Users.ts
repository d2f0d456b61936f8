import { SqlClient } from "@effect/sql"
import { Clock, Effect, Option, Redacted } from "effect"
import { type Actor, type Role, UserId } from "../kernel/Actor"
import { Ids } from "../kernel/Ids"
import { mayAdminister } from "../kernel/Policy"
import { inTransaction } from "../kernel/Transaction"
import { Usage } from "../operations/Usage"
import { PasswordHasher } from "./PasswordHasher"
import { Sessions } from "./Sessions"
import { AccountBanned, EmailTaken, InvalidCredentials, UserNotFound, WrongPassword } from "./Users/Errors"
import type { NewUser, User } from "./Users/Model"
import { mayBan } from "./Users/Policy"
import { UsersRepo } from "./Users/Repo"

/** The people who have accounts: joining, proving who they are, changing what is theirs. */
export class Users extends Effect.Service<Users>()("Users", {
  dependencies: [UsersRepo.Default, Usage.Default],
  effect: Effect.gen(function* () {
    const transaction = inTransaction(yield* SqlClient.SqlClient)
    const repo = yield* UsersRepo
    const sessions = yield* Sessions
    const usage = yield* Usage
    const hasher = yield* PasswordHasher
    const ids = yield* Ids

    const orNotFound = <A>(found: Option.Option<A>) => Effect.mapError(found, () => new UserNotFound())

    const create = Effect.fn("Users.create")(function* (input: NewUser, role: Role) {
      const passwordHash = yield* hasher.hash(Redacted.make(input.password))
      const createdAt = new Date(yield* Clock.currentTimeMillis)
      const user: User = {
        id: UserId.make(yield* ids.next),
        email: input.email,
        name: input.name,
        role,
        avatarUrl: null,
        bio: "",
        theme: "dark",
        notificationsEnabled: true,
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

    /** A new account with the role of a user. The address must be free. */
    const register = (input: NewUser) => create(input, "user")

    /** Administrators are made by who runs the server, never through a contract. */
    const createAdmin = (input: NewUser) => create(input, "admin")

    /** Who has this address and password. Takes as long for an address that nobody has. */
    const authenticate = Effect.fn("Users.authenticate")(function* (email: string, password: string) {
      const found = Option.getOrUndefined(yield* repo.findCredentials({ email }))
      const matches = yield* hasher.verify(Redacted.make(password), found?.passwordHash)
      if (found === undefined || !matches) return yield* new InvalidCredentials()
      const { user } = found
      if (user.bannedAt !== null) return yield* new AccountBanned({ reason: user.banReason ?? "" })
      return user
    })

    const me = Effect.fn("Users.me")((actor: Actor) => Effect.flatMap(repo.find(actor.userId), orNotFound))

    const rename = Effect.fn("Users.rename")((actor: Actor, name: string) =>
      Effect.flatMap(repo.rename(actor.userId, name), orNotFound),
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

    /** Bars a user and ends their sessions at once. Admins only; neither themselves nor one another. */
    const ban = Effect.fn("Users.ban")(function* (actor: Actor, id: UserId, reason: string) {
      yield* mayAdminister(actor)
      const user = yield* Effect.flatMap(repo.find(id), orNotFound)
      yield* mayBan(actor, user)
      const at = new Date(yield* Clock.currentTimeMillis)
      yield* Effect.all([repo.setBan(user.id, { at, reason }), sessions.endAll(user.id)]).pipe(
        transaction,
        Effect.ensuring(sessions.forget(user.id)),
      )
    })

    return { register, createAdmin, authenticate, me, rename, changePassword, ban }
  }),
}) {}
