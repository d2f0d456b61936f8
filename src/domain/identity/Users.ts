import { SqlClient } from "@effect/sql"
import { DateTime, Effect, Option, Redacted } from "effect"
import { Audit } from "../operations/Audit"
import { Usage } from "../operations/Usage"
import { type Actor, type Role, UserId, UserNotFound } from "../shared/Actor"
import { CurrentSettings } from "../shared/CurrentSettings"
import { IdGenerator } from "../shared/Ids"
import { Mailer } from "../shared/Mailer"
import { requireAdmin } from "../shared/Policy"
import { withTransaction } from "../shared/Transaction"
import { AccountClosures } from "./AccountClosures"
import { activeStatus, type StoredStatus, statusAt } from "./AccountStatus"
import { EmailVerification } from "./EmailVerification"
import { MailedTokens } from "./MailedTokens"
import { Mfa } from "./Mfa"
import { InvalidChallenge } from "./Mfa/Errors"
import type { MfaProof } from "./Mfa/Model"
import { PasswordHasher } from "./PasswordHasher"
import { Sessions } from "./Sessions"
import { SignInLimits } from "./SignInLimits"
import { deriveUsername } from "./Users/deriveUsername"
import {
  AccountBanned,
  AccountSuspended,
  EmailTaken,
  InvalidCredentials,
  RegistrationClosed,
  UsernameTaken,
  WrongPassword,
} from "./Users/Errors"
import type {
  AccountChange,
  NewUser,
  ProfileChange,
  SettingsChange,
  StatusChange,
  User,
  UserKey,
} from "./Users/Model"
import { requireCanDelete, requireCanSetStatus } from "./Users/Policy"
import { UsersRepo } from "./Users/Repo"

const auditActions = { active: "unban_user", suspended: "suspend_user", banned: "ban_user" }

/** Manages user accounts: registration, sign-in, profile, settings, password and status. */
export class Users extends Effect.Service<Users>()("Users", {
  dependencies: [UsersRepo.Default, Usage.Default, EmailVerification.Default, MailedTokens.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* UsersRepo
    const sessions = yield* Sessions
    const mfa = yield* Mfa
    const usage = yield* Usage
    const audit = yield* Audit
    const hasher = yield* PasswordHasher
    const ids = yield* IdGenerator
    const closures = yield* AccountClosures
    const emailVerification = yield* EmailVerification
    const mailedTokens = yield* MailedTokens
    const mailer = yield* Mailer
    const settings = yield* CurrentSettings
    const signInLimits = yield* SignInLimits

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
        emailVerifiedAt: mailer.reachesPeople && role !== "admin" ? null : createdAt,
        ...activeStatus,
        createdAt,
      }
      const inserted = yield* insert(user, passwordHash, username).pipe(
        Effect.tap(usage.createAccount(user.id, role)),
        Effect.tap(signInLimits.rememberNetwork(user.id)),
        transaction,
      )
      const created: User = { ...user, username: inserted }
      if (created.emailVerifiedAt === null) yield* emailVerification.send(created.id, created.email)
      return created
    })

    const createWithDerivedUsername = (input: NewUser, role: Role) =>
      Effect.catchTag(create(input, role), "UsernameTaken", Effect.die)

    /** Requires that anybody may register, or that the address has a pending invite. */
    const requireMayRegister = Effect.fnUntraced(function* (email: string) {
      if (settings.get().registrationOpen) return
      const invited = yield* repo.isInvited(email, yield* DateTime.nowAsDate)
      if (!invited) return yield* new RegistrationClosed()
    })

    /**
     * Creates an account with the role `user` and a username that derives from the email address, and mails a link
     * that verifies the address if mails reach people. Fails with `EmailTaken` if the address is in use, and with
     * `RegistrationClosed` if the settings say so and the address was not invited.
     */
    const register = (input: NewUser) =>
      Effect.zipRight(requireMayRegister(input.email), createWithDerivedUsername(input, "user"))

    /** Creates an account with the role `user` and this username. */
    const registerAs = (username: string, input: NewUser) =>
      Effect.zipRight(requireMayRegister(input.email), create(input, "user", username))

    /** Creates an administrator. Only the server's operator may call it, never a contract. */
    const createAdmin = (input: NewUser) => createWithDerivedUsername(input, "admin")

    const requireActive = Effect.fnUntraced(function* (user: User) {
      const { status, statusReason, statusUntil: until } = statusAt(user, yield* DateTime.nowAsDate)
      const reason = statusReason ?? ""
      if (status === "banned") return yield* new AccountBanned({ reason })
      if (status === "suspended") return yield* new AccountSuspended({ reason, until })
    })

    /**
     * Creates a session for valid credentials. An unknown account takes as long as a wrong password. Fails with
     * `TooManySignIns` when too many passwords were tried for the account from elsewhere, and with the challenge
     * `TwoFactorRequired` for an account with a second factor.
     */
    const signIn = Effect.fn("Users.signIn")(function* (key: UserKey, password: string) {
      const credentials = Option.getOrUndefined(yield* repo.findCredentials(key))
      yield* signInLimits.check(key, credentials?.user.id)
      const matches = yield* hasher.verify(Redacted.make(password), credentials?.passwordHash)
      if (credentials === undefined || !matches) return yield* new InvalidCredentials()
      const { user } = credentials
      yield* requireActive(user)
      if (credentials.mfaEnabled) return yield* mfa.challenge(user.id, credentials.passwordHash)
      const created = yield* sessions.createForPassword(user.id, credentials.passwordHash)
      const session = yield* Effect.mapError(created, () => new InvalidCredentials())
      yield* signInLimits.rememberNetwork(user.id)
      return { user, session }
    })

    /** Creates the session of a sign-in whose second factor was missing. */
    const completeSignIn = Effect.fn("Users.completeSignIn")(function* (
      challengeToken: string,
      proof: MfaProof,
    ) {
      const { userId, passwordHash } = yield* mfa.redeem(challengeToken, proof)
      const user = yield* Effect.mapError(yield* repo.find(userId), () => new InvalidChallenge())
      yield* requireActive(user)
      const created = yield* sessions.createForPassword(userId, passwordHash, { withSecondFactor: true })
      const session = yield* Effect.mapError(created, () => new InvalidChallenge())
      yield* signInLimits.rememberNetwork(userId)
      return { user, session }
    })

    const me = Effect.fn("Users.me")((actor: Actor) => Effect.flatMap(repo.find(actor.userId), orNotFound))

    /** Updates the provided profile fields; an `avatarUrl` of null removes the avatar. */
    const updateProfile = Effect.fn("Users.updateProfile")((actor: Actor, change: ProfileChange) =>
      Effect.flatMap(repo.updateProfile(actor.userId, change), orNotFound),
    )

    /** Updates the provided fields of a user's profile. Requires the user or an administrator. */
    const updateProfileOf = Effect.fn("Users.updateProfileOf")(function* (
      actor: Actor,
      id: UserId,
      change: ProfileChange,
    ) {
      if (id !== actor.userId) yield* requireAdmin(actor)
      return yield* Effect.flatMap(repo.updateProfile(id, change), orNotFound)
    })

    const applyChange = Effect.fnUntraced(function* (id: UserId, { username, ...profile }: AccountChange) {
      const user = yield* Effect.flatMap(repo.updateProfile(id, profile), orNotFound)
      if (username === undefined) return user
      if (!(yield* repo.setUsername(user.id, username))) return yield* new UsernameTaken()
      return { ...user, username }
    }, transaction)

    /** Updates the provided fields of a user's account. Requires the user or an administrator. */
    const update = Effect.fn("Users.update")(function* (actor: Actor, id: UserId, change: AccountChange) {
      if (id !== actor.userId) yield* requireAdmin(actor)
      return yield* applyChange(id, change)
    })

    /** Updates the provided fields of the actor's account. */
    const updateOwn = Effect.fn("Users.updateOwn")((actor: Actor, change: AccountChange) =>
      applyChange(actor.userId, change),
    )

    /** Updates the provided settings. */
    const updateSettings = Effect.fn("Users.updateSettings")((actor: Actor, change: SettingsChange) =>
      Effect.flatMap(repo.updateSettings(actor.userId, change), orNotFound),
    )

    /** Changes the actor's password and revokes their other sessions and the links that would reset it. */
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
        yield* mailedTokens.revokeAll(actor.userId, "reset_password")
        yield* sessions.revokeAll(actor.userId, { except: actor.sessionId })
      }).pipe(transaction, Effect.ensuring(sessions.invalidate(actor.userId)))
    })

    /** Locks a user's row until the transaction ends, so that changes of the status do not interleave. */
    const lock = (id: UserId) => Effect.flatMap(repo.lock(id), orNotFound)

    /** Stores a status, and revokes the sessions of a user who may not sign in any more. */
    const applyStatus = Effect.fnUntraced(function* (
      actor: Actor,
      user: User,
      { status, reason = "", until = null }: StatusChange,
    ) {
      const changed: StoredStatus =
        status === "active"
          ? activeStatus
          : { status, statusReason: reason, statusSince: yield* DateTime.nowAsDate, statusUntil: until }
      yield* repo.setStatus(user.id, changed)
      if (status !== "active") yield* sessions.revokeAll(user.id)
      if (status === "banned") yield* closures.publish(user.id)
      yield* audit.record(actor, auditActions[status], user.id, {
        ...(status === "active" ? {} : { reason }),
        ...(until === null ? {} : { until: until.toISOString() }),
      })
      return { ...user, ...changed }
    })

    /**
     * Suspends or bans a user or lifts that. A user who is suspended or banned loses their sessions at once, a
     * banned one also their running model calls. Requires an administrator; the status of administrators does
     * not change.
     */
    const setStatus = Effect.fn("Users.setStatus")(function* (
      actor: Actor,
      userId: UserId,
      change: StatusChange,
    ) {
      yield* requireAdmin(actor)
      return yield* Effect.flatMap(lock(userId), (user) =>
        Effect.zipRight(requireCanSetStatus(actor, user, change.status), applyStatus(actor, user, change)),
      ).pipe(transaction, Effect.ensuring(sessions.invalidate(userId)))
    })

    /** Bans a user, as `setStatus` does. */
    const ban = (actor: Actor, userId: UserId, reason: string) =>
      setStatus(actor, userId, { status: "banned", reason })

    /** Lifts a ban or a suspension. Revoked sessions stay revoked. Requires an administrator. */
    const unban = Effect.fn("Users.unban")(function* (actor: Actor, id: UserId) {
      yield* requireAdmin(actor)
      yield* Effect.flatMap(lock(id), (user) => applyStatus(actor, user, { status: "active" }))
    }, transaction)

    const orNotDeletable = (row: Option.Option<User>) =>
      Effect.flatMap(orNotFound(row), (user) => Effect.as(requireCanDelete(user), user))

    /** Returns a user whose account can be deleted. */
    const getDeletable = Effect.fn("Users.getDeletable")((id: UserId) =>
      Effect.flatMap(repo.find(id), orNotDeletable),
    )

    /** Locks a user until the transaction ends, in which `remove` may then delete them. */
    const lockForDeletion = Effect.fn("Users.lockForDeletion")((id: UserId) =>
      Effect.flatMap(repo.lockForDeletion(id), orNotDeletable),
    )

    return {
      getDeletable,
      lockForDeletion,
      /** Deletes a user and, by cascade, everything of theirs. A part of `AccountDeletion`. */
      remove: repo.remove,
      register,
      registerAs,
      createAdmin,
      signIn,
      completeSignIn,
      me,
      updateProfile,
      updateProfileOf,
      update,
      updateOwn,
      updateSettings,
      changePassword,
      setStatus,
      ban,
      unban,
    }
  }),
}) {}
