import { SqlClient } from "@effect/sql"
import { DateTime, Effect, Redacted } from "effect"
import { Audit } from "../operations/Audit"
import { type UserId, UserNotFound } from "../shared/Actor"
import { withTransaction } from "../shared/Transaction"
import { statusAt } from "./AccountStatus"
import { RoleChangeNotAllowed } from "./Administrators/Errors"
import { AdministratorsRepo } from "./Administrators/Repo"
import { MailedTokens } from "./MailedTokens"
import { MfaMethods } from "./MfaMethods"
import { PasswordHasher } from "./PasswordHasher"
import { Sessions } from "./Sessions"
import { Users } from "./Users"
import type { NewUser } from "./Users/Model"

/**
 * Manages administrators, and the password and second factors of any account, on behalf of the server's operator. Only commands
 * and the server's start may call it, never a contract. The audit log names the operator as the one who acted.
 */
export class Administrators extends Effect.Service<Administrators>()("Administrators", {
  dependencies: [AdministratorsRepo.Default, MailedTokens.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* AdministratorsRepo
    const users = yield* Users
    const sessions = yield* Sessions
    const mailedTokens = yield* MailedTokens
    const hasher = yield* PasswordHasher
    const mfaMethods = yield* MfaMethods
    const audit = yield* Audit

    const lock = (email: string) =>
      Effect.mapError(Effect.flatten(repo.lock(email)), () => new UserNotFound())

    /** Creates an administrator. `source` tells the audit log how: by a command, a variable or the setup link. */
    const create = Effect.fn("Administrators.create")(function* (input: NewUser, source: string) {
      const user = yield* users.createAdmin(input)
      yield* audit.recordOperator("create_admin", user.id, { source })
      return user
    }, transaction)

    /** Commits a change of a user's account, and has all nodes forget what they know of the user's sessions. */
    const commit = <E, R>(change: Effect.Effect<UserId, E, R>) =>
      change.pipe(transaction, Effect.flatMap(sessions.invalidate))

    /** Makes the owner of an account an administrator, at once and on all nodes. Idempotent. */
    const promote = Effect.fn("Administrators.promote")(function* (email: string) {
      const user = yield* lock(email)
      if (user.role === "admin") return user.id
      if (statusAt(user, yield* DateTime.nowAsDate).status !== "active")
        return yield* new RoleChangeNotAllowed({ reason: "The account is suspended or banned." })
      yield* repo.setRole(user.id, "admin")
      yield* sessions.notifyRoleChanged(user.id)
      yield* audit.recordOperator("promote_user", user.id)
      return user.id
    }, commit)

    /** Makes an administrator an ordinary user, at once and on all nodes. Rejects the last administrator. */
    const demote = Effect.fn("Administrators.demote")(function* (email: string) {
      const all = yield* repo.lockAll
      const user = yield* lock(email)
      if (user.role !== "admin")
        return yield* new RoleChangeNotAllowed({ reason: "The account is not an administrator's." })
      if (all.length === 1)
        return yield* new RoleChangeNotAllowed({
          reason: "The account is the only administrator's: create or promote another one first.",
        })
      yield* repo.setRole(user.id, "user")
      yield* sessions.notifyRoleChanged(user.id)
      yield* audit.recordOperator("demote_admin", user.id)
      return user.id
    }, commit)

    /** Replaces the password of any account, and revokes its sessions and the links that would reset it. */
    const setPassword = Effect.fn("Administrators.setPassword")(function* (email: string, password: string) {
      const passwordHash = yield* hasher.hash(Redacted.make(password))
      yield* Effect.gen(function* () {
        const { id } = yield* lock(email)
        yield* repo.setPassword(id, passwordHash)
        yield* mailedTokens.revokeAll(id, "reset_password")
        yield* sessions.revokeAll(id)
        yield* audit.recordOperator("set_password", id)
        return id
      }).pipe(commit)
    })

    /** Deletes the second factors of any account, for users who have lost theirs, and revokes its sessions. */
    const resetTwoFactor = Effect.fn("Administrators.resetTwoFactor")(function* (email: string) {
      const { id } = yield* lock(email)
      yield* mfaMethods.removeAll(id)
      yield* sessions.revokeAll(id)
      yield* audit.recordOperator("reset_two_factor", id)
      return id
    }, commit)

    return { list: repo.list, create, promote, demote, setPassword, resetTwoFactor }
  }),
}) {}
