import { SqlClient } from "@effect/sql"
import { DateTime, Duration, Effect, Option, Redacted, Schema } from "effect"
import { Audit } from "../operations/Audit"
import { type Actor, type UserId, UserNotFound } from "../shared/Actor"
import { Mailer } from "../shared/Mailer"
import { repeatEvery } from "../shared/repeatEvery"
import { resealSecrets } from "../shared/resealSecrets"
import { SecretBox } from "../shared/SecretBox"
import { withTransaction } from "../shared/Transaction"
import { makeCodes } from "./MfaMethods/codes"
import {
  EnrollmentNotFound,
  InvalidTwoFactorCode,
  MethodAlreadyEnabled,
  MethodNotEnabled,
  MethodUnavailable,
} from "./MfaMethods/Errors"
import {
  type EnabledMethod,
  enrollmentTtl,
  type MfaMethod,
  type MfaProofMethod,
  mask,
  methodNames,
} from "./MfaMethods/Model"
import { MfaMethodsRepo } from "./MfaMethods/Repo"
import { PasswordHasher } from "./PasswordHasher"
import { Sessions } from "./Sessions"
import { Totp } from "./Totp"
import { WrongPassword } from "./Users/Errors"
import { WebAuthn, type WebAuthnCredential } from "./WebAuthn"

const Ceremony = Schema.parseJson(Schema.Struct({ challenge: Schema.String, origin: Schema.String }))
const encodeCeremony = Schema.encodeSync(Ceremony)
const decodeCeremony = Schema.decodeSync(Ceremony)

const secretOwner = (userId: UserId) => ({ userId, purpose: "totp secret" })

/** Manages the second factors of users: their enrollment, which needs the password, and their proofs. */
export class MfaMethods extends Effect.Service<MfaMethods>()("MfaMethods", {
  dependencies: [MfaMethodsRepo.Default],
  scoped: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* MfaMethodsRepo
    const sessions = yield* Sessions
    const hasher = yield* PasswordHasher
    const secrets = yield* SecretBox
    const totp = yield* Totp
    const webAuthn = yield* WebAuthn
    const mailer = yield* Mailer
    const audit = yield* Audit
    const codes = yield* makeCodes

    const requirePassword = Effect.fnUntraced(function* ({ userId }: Actor, password: string) {
      yield* codes.limit("passwordAttempts", userId)
      const account = yield* Effect.mapError(yield* repo.findAccount(userId), () => new WrongPassword())
      const matches = yield* hasher.verify(Redacted.make(password), account.passwordHash)
      return matches ? account : yield* new WrongPassword()
    })

    /** Mails the owner of an account what has changed: a thief who knows the password may have changed it. */
    const notify = Effect.fnUntraced(function* (userId: UserId, change: string) {
      const account = yield* repo.findAccount(userId)
      if (Option.isNone(account)) return
      const text = `${change} If it was not you, reset your password and tell the administrator of this server.`
      yield* mailer.send({ to: account.value.email, subject: "Your second factor", text })
    })

    const requireNotEnabled = Effect.fnUntraced(function* ({ userId }: Actor, method: MfaMethod) {
      const enabled = yield* repo.list(userId)
      if (enabled.some((stored) => stored.method === method)) return yield* new MethodAlreadyEnabled()
    })

    const start = Effect.fnUntraced(function* (
      { userId }: Actor,
      method: MfaMethod,
      data: string | null,
      codeHash: Uint8Array | null,
    ) {
      const now = yield* DateTime.nowAsDate
      const expiresAt = new Date(now.getTime() + Duration.toMillis(enrollmentTtl))
      yield* repo.startEnrollment(userId, method, { data, codeHash, expiresAt })
      return expiresAt
    })

    /**
     * Ends an enrollment and enables its method. With the first one, backup codes are returned and all other
     * sessions end, because they were created with a password alone.
     */
    const enable = Effect.fnUntraced(function* (
      actor: Actor,
      method: MfaMethod,
      {
        data,
        lastStep,
        credential,
      }: { data: string | null; lastStep?: number; credential?: WebAuthnCredential },
    ) {
      const { userId, sessionId } = actor
      const backupCodes = yield* Effect.gen(function* () {
        const now = yield* DateTime.nowAsDate
        yield* repo.lock(userId)
        if (!(yield* repo.endEnrollment(userId, method))) return yield* new EnrollmentNotFound()
        const before = yield* repo.list(userId)
        if (credential !== undefined && !(yield* repo.insertCredential(userId, credential, now)))
          return yield* new MethodAlreadyEnabled()
        const inserted = yield* repo.insert(userId, method, data, lastStep ?? null, now)
        if (!inserted && credential === undefined) return yield* new MethodAlreadyEnabled()
        yield* audit.record(actor, "enable_two_factor", userId, { method })
        if (before.length > 0) return []
        const generated = yield* codes.generateBackupCodes
        yield* repo.replaceBackupCodes(
          userId,
          generated.map(({ hash }) => hash),
        )
        yield* repo.setEnabled(userId, true)
        yield* sessions.revokeAll(userId, { except: sessionId })
        return generated.map(({ code }) => code)
      }).pipe(transaction, Effect.ensuring(sessions.invalidate(userId)))
      yield* notify(userId, `Signing in to your account needs a second factor now: ${methodNames[method]}.`)
      return backupCodes
    })

    const attempt = Effect.fnUntraced(function* ({ userId }: Actor, method: MfaMethod) {
      const enrollment = yield* repo.attemptEnrollment(userId, method, yield* DateTime.nowAsDate)
      return yield* Effect.mapError(enrollment, () => new EnrollmentNotFound())
    })

    const openSecret = (userId: UserId, sealed: string | null) =>
      Effect.mapError(secrets.open(sealed ?? "", secretOwner(userId)), () => new InvalidTwoFactorCode())

    const findStep = Effect.fnUntraced(function* (userId: UserId, sealed: string | null, code: string) {
      const secret = yield* openSecret(userId, sealed)
      const step = totp.findStep(secret, code, yield* DateTime.nowAsDate)
      return { secret, step: yield* Effect.mapError(step, () => new InvalidTwoFactorCode()) }
    })

    /** Returns the actor's enabled methods, those that can be enabled, and the number of backup codes left. */
    const list = Effect.fn("MfaMethods.list")(function* ({ userId }: Actor) {
      const account = yield* Effect.mapError(yield* repo.findAccount(userId), () => new UserNotFound())
      const methods = (yield* repo.list(userId)).map(({ method, data, createdAt }): EnabledMethod => {
        const destinations = { totp: null, webauthn: null, email: mask(account.email), sms: mask(data ?? "") }
        return { method, destination: destinations[method], createdAt }
      })
      const available: ReadonlyArray<MfaMethod> = [
        "totp",
        ...(codes.isSmsAvailable ? (["sms"] as const) : []),
        "email",
        "webauthn",
      ]
      return { methods, available, backupCodesLeft: yield* repo.countBackupCodes(userId) }
    })

    /** Starts to enroll an authenticator app. Returns the secret, which is shown only now. */
    const startTotp = Effect.fn("MfaMethods.startTotp")(function* (actor: Actor, password: string) {
      const { email } = yield* requirePassword(actor, password)
      yield* requireNotEnabled(actor, "totp")
      const secret = totp.generateSecret()
      yield* start(actor, "totp", yield* secrets.seal(secret, secretOwner(actor.userId)), null)
      return { secret: Redacted.value(secret), otpauthUrl: totp.url(secret, email) }
    })

    /** Enables the authenticator app that made this code. */
    const verifyTotp = Effect.fn("MfaMethods.verifyTotp")(function* (actor: Actor, code: string) {
      const { data } = yield* attempt(actor, "totp")
      const { secret, step } = yield* findStep(actor.userId, data, code)
      // Encrypted again: the key may have changed since the enrollment began.
      const sealed = yield* secrets.seal(secret, secretOwner(actor.userId))
      return yield* enable(actor, "totp", { data: sealed, lastStep: step })
    })

    /** Sends a code to a phone, or by mail to the account's address, to enroll it. */
    const startCode = Effect.fn("MfaMethods.startCode")(function* (
      actor: Actor,
      password: string,
      target: { readonly method: "sms"; readonly phone: string } | { readonly method: "email" },
    ) {
      const { method } = target
      const { email } = yield* requirePassword(actor, password)
      if (method === "sms" && !codes.isSmsAvailable) return yield* new MethodUnavailable()
      yield* requireNotEnabled(actor, method)
      const destination = method === "sms" ? target.phone : email
      const reason =
        "Somebody adds it to their account, to sign in with such codes. If it was not you, ignore it."
      const codeHash = yield* codes.send(
        actor.userId,
        `${method} ${actor.userId}`,
        method,
        destination,
        reason,
      )
      const expiresAt = yield* start(actor, method, method === "sms" ? destination : null, codeHash)
      return { destination: mask(destination), expiresAt }
    })

    /** Enables the phone or the mails whose code this is. */
    const verifyCode = Effect.fn("MfaMethods.verifyCode")(function* (
      actor: Actor,
      method: "sms" | "email",
      code: string,
    ) {
      const { data, codeHash } = yield* attempt(actor, method)
      if (!codes.matches(codeHash, `${method} ${actor.userId}`, code))
        return yield* new InvalidTwoFactorCode()
      return yield* enable(actor, method, { data })
    })

    /** Returns the options with which the page at this origin registers a security key or passkey. */
    const startWebAuthn = Effect.fn("MfaMethods.startWebAuthn")(function* (
      actor: Actor,
      password: string,
      origin: string,
    ) {
      const { email, name } = yield* requirePassword(actor, password)
      const existing = yield* repo.listCredentials(actor.userId)
      const user = { id: actor.userId, email, name }
      const { challenge, options } = yield* webAuthn.registrationOptions(origin, user, existing)
      yield* start(actor, "webauthn", encodeCeremony({ challenge, origin }), null)
      return options
    })

    /** Enables the security key or passkey that the browser registered. A user may have several. */
    const verifyWebAuthn = Effect.fn("MfaMethods.verifyWebAuthn")(function* (actor: Actor, response: object) {
      const { data } = yield* attempt(actor, "webauthn")
      const verified = yield* webAuthn.verifyRegistration(decodeCeremony(data ?? ""), response)
      const credential = yield* Effect.mapError(verified, () => new InvalidTwoFactorCode())
      return yield* enable(actor, "webauthn", { data: null, credential })
    })

    /** Replaces the backup codes; the old ones become invalid. */
    const replaceBackupCodes = Effect.fn("MfaMethods.replaceBackupCodes")(function* (
      actor: Actor,
      password: string,
    ) {
      yield* requirePassword(actor, password)
      const generated = yield* codes.generateBackupCodes
      yield* Effect.gen(function* () {
        yield* repo.lock(actor.userId)
        if ((yield* repo.list(actor.userId)).length === 0) return yield* new MethodNotEnabled()
        yield* repo.replaceBackupCodes(
          actor.userId,
          generated.map(({ hash }) => hash),
        )
        yield* audit.record(actor, "replace_backup_codes", actor.userId)
      }).pipe(transaction)
      yield* notify(actor.userId, "The backup codes of your account were replaced.")
      return generated.map(({ code }) => code)
    })

    /** Disables a method. Without any left, signing in needs the password alone, and backup codes are deleted. */
    const disable = Effect.fn("MfaMethods.disable")(function* (
      actor: Actor,
      password: string,
      method: MfaMethod,
    ) {
      yield* requirePassword(actor, password)
      yield* Effect.gen(function* () {
        yield* repo.lock(actor.userId)
        if (!(yield* repo.remove(actor.userId, method))) return yield* new MethodNotEnabled()
        yield* audit.record(actor, "disable_two_factor", actor.userId, { method })
        if ((yield* repo.list(actor.userId)).length > 0) return
        yield* repo.replaceBackupCodes(actor.userId, [])
        yield* repo.setEnabled(actor.userId, false)
      }).pipe(transaction)
      yield* notify(
        actor.userId,
        `Your account no longer has a second factor of this kind: ${methodNames[method]}.`,
      )
    })

    /** Returns what can prove the second factor of a user now. */
    const listProofMethods = Effect.fnUntraced(function* (userId: UserId) {
      const enabled = (yield* repo.list(userId)).map(({ method }) => method)
      const usable: ReadonlyArray<MfaProofMethod> = enabled.filter(
        (method) => method !== "sms" || codes.isSmsAvailable,
      )
      return (yield* repo.countBackupCodes(userId)) > 0 ? [...usable, "backup_code" as const] : usable
    })

    const requireEnabled = Effect.fnUntraced(function* (userId: UserId, method: MfaMethod) {
      const stored = (yield* repo.list(userId)).find((enabled) => enabled.method === method)
      return stored ?? (yield* new MethodNotEnabled())
    })

    /** Sends a code to the user and returns what to store of it, for sign-in. */
    const sendCode = Effect.fn("MfaMethods.sendCode")(function* (
      userId: UserId,
      method: "sms" | "email",
      purpose: string,
    ) {
      const { data } = yield* requireEnabled(userId, method)
      if (method === "sms" && !codes.isSmsAvailable) return yield* new MethodUnavailable()
      const account = yield* Effect.mapError(yield* repo.findAccount(userId), () => new MethodNotEnabled())
      const destination = data ?? account.email
      const reason =
        "It signs in to your account. If it was not you, somebody knows your password: change it."
      const hash = yield* codes.send(userId, purpose, method, destination, reason)
      return { hash, destination: mask(destination) }
    })

    /** Consumes a code of the authenticator app; each time step counts once. */
    const useTotp = Effect.fn("MfaMethods.useTotp")(function* (userId: UserId, code: string) {
      const stored = yield* Effect.mapError(requireEnabled(userId, "totp"), () => new InvalidTwoFactorCode())
      const { step } = yield* findStep(userId, stored.data, code)
      if (!(yield* repo.consumeStep(userId, step))) return yield* new InvalidTwoFactorCode()
    })

    const useBackupCode = Effect.fn("MfaMethods.useBackupCode")(function* (userId: UserId, code: string) {
      if (!(yield* repo.consumeBackupCode(userId, codes.hashBackupCode(code))))
        return yield* new InvalidTwoFactorCode()
    })

    /** Returns the options with which the page at this origin proves a key of the user, and what verifies them. */
    const webAuthnOptions = Effect.fn("MfaMethods.webAuthnOptions")(function* (
      userId: UserId,
      origin: string,
    ) {
      yield* requireEnabled(userId, "webauthn")
      const credentials = yield* repo.listCredentials(userId)
      const { challenge, options } = yield* webAuthn.authenticationOptions(origin, credentials)
      return { options, ceremony: encodeCeremony({ challenge, origin }) }
    })

    const useAssertion = Effect.fn("MfaMethods.useAssertion")(function* (
      userId: UserId,
      ceremony: string | null,
      response: object,
    ) {
      const id: unknown = "id" in response ? response.id : undefined
      const credential = (yield* repo.listCredentials(userId)).find((registered) => registered.id === id)
      if (credential === undefined || ceremony === null) return yield* new InvalidTwoFactorCode()
      const counter = yield* webAuthn.verifyAuthentication(decodeCeremony(ceremony), response, credential)
      if (Option.isNone(counter)) return yield* new InvalidTwoFactorCode()
      if (!(yield* repo.advanceCounter(credential.id, counter.value)))
        return yield* new InvalidTwoFactorCode()
    })

    yield* resealSecrets({
      kind: "totp secret",
      listWithout: repo.listSecretsWithout,
      ownerOf: ({ userId }) => secretOwner(userId),
      replace: repo.replaceSecret,
    })

    yield* repeatEvery(Duration.hours(1), Effect.flatMap(DateTime.nowAsDate, repo.purge))

    return {
      list,
      startTotp,
      verifyTotp,
      startCode,
      verifyCode,
      startWebAuthn,
      verifyWebAuthn,
      replaceBackupCodes,
      disable,
      listProofMethods,
      sendCode,
      useTotp,
      useBackupCode,
      webAuthnOptions,
      useAssertion,
      removeAll: repo.removeAll,
      limitCodeAttempts: (userId: UserId) => codes.limit("codeAttempts", userId),
      matchesCode: codes.matches,
    }
  }),
}) {}
