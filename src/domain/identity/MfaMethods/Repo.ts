import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import { UserId } from "../../shared/Actor"
import { execute, findAll, findColumn, findOne, hasRow } from "../../shared/Rows"
import type { WebAuthnCredential } from "../WebAuthn"
import { MfaMethod, maxAttempts } from "./Model"

const Account = Schema.Struct({ email: Schema.String, name: Schema.String, passwordHash: Schema.String })

/** `data`: the sealed secret of TOTP, the phone number of SMS, null for other methods. */
const StoredMethod = Schema.Struct({
  method: MfaMethod,
  data: Schema.NullOr(Schema.String),
  createdAt: Schema.DateFromSelf,
})

const Enrollment = Schema.Struct({
  data: Schema.NullOr(Schema.String),
  codeHash: Schema.NullOr(Schema.Uint8ArrayFromSelf),
})

const Credential = Schema.Struct({
  id: Schema.String,
  publicKey: Schema.Uint8ArrayFromSelf,
  counter: Schema.NumberFromString,
  transports: Schema.Array(Schema.String),
})

const SealedSecret = Schema.Struct({ userId: UserId, sealed: Schema.String })

interface NewEnrollment {
  readonly data: string | null
  readonly codeHash: Uint8Array | null
  readonly expiresAt: Date
}

export class MfaMethodsRepo extends Effect.Service<MfaMethodsRepo>()("MfaMethodsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const findAccount = (userId: UserId) =>
      sql`select email, name, password_hash as "passwordHash" from users where id = ${userId}`.pipe(
        findOne(Account),
      )

    const list = (userId: UserId) =>
      sql`
        select method, data, created_at as "createdAt" from mfa_methods where user_id = ${userId}
        order by created_at, method`.pipe(findAll(StoredMethod))

    /** Locks the user's row until the transaction ends, so that changes of methods do not interleave. */
    const lock = (userId: UserId) =>
      sql`select from users where id = ${userId} for no key update`.pipe(execute)

    /** Stores whether sign-in needs a second factor. It changes the row that new sessions lock. */
    const setEnabled = (userId: UserId, enabled: boolean) =>
      sql`update users set mfa_enabled = ${enabled} where id = ${userId}`.pipe(execute)

    /** Inserts a method. Returns false if it is enabled already. */
    const insert = (
      userId: UserId,
      method: MfaMethod,
      data: string | null,
      lastStep: number | null,
      now: Date,
    ) =>
      sql`
        insert into mfa_methods (user_id, method, data, last_step, created_at)
        values (${userId}, ${method}, ${data}, ${lastStep}, ${now})
        on conflict do nothing returning method`.pipe(hasRow)

    /** Deletes a method with its keys. Returns false if it is not enabled. */
    const remove = (userId: UserId, method: MfaMethod) =>
      Effect.zipRight(
        method === "webauthn"
          ? sql`delete from webauthn_credentials where user_id = ${userId}`.pipe(execute)
          : Effect.void,
        // Challenges end too: codes of the method may have been sent for them.
        sql`
          with challenges as (delete from mfa_challenges where user_id = ${userId})
          delete from mfa_methods where user_id = ${userId} and method = ${method} returning method`.pipe(
          hasRow,
        ),
      )

    /** Deletes all methods of a user, their backup codes, and the sign-ins that wait for them. */
    const removeAll = (userId: UserId) =>
      sql`
        with challenges as (delete from mfa_challenges where user_id = ${userId}),
        enrollments as (delete from mfa_enrollments where user_id = ${userId}),
        codes as (delete from backup_codes where user_id = ${userId}),
        credentials as (delete from webauthn_credentials where user_id = ${userId}),
        methods as (delete from mfa_methods where user_id = ${userId})
        update users set mfa_enabled = false where id = ${userId}`.pipe(execute)

    /** Accepts a step of TOTP that is later than all before. Returns false for any other: it may have been used. */
    const consumeStep = (userId: UserId, step: number) =>
      sql`
        update mfa_methods set last_step = ${step}
        where user_id = ${userId} and method = 'totp' and last_step < ${step} returning method`.pipe(hasRow)

    const startEnrollment = (
      userId: UserId,
      method: MfaMethod,
      { data, codeHash, expiresAt }: NewEnrollment,
    ) =>
      sql`
        insert into mfa_enrollments (user_id, method, data, code_hash, attempts, expires_at)
        values (${userId}, ${method}, ${data}, ${codeHash}, 0, ${expiresAt})
        on conflict (user_id, method) do update set
          data = excluded.data, code_hash = excluded.code_hash, attempts = 0, expires_at = excluded.expires_at`.pipe(
        execute,
      )

    /** Counts an attempt at an enrollment and returns it; none once it expired or was tried too often. */
    const attemptEnrollment = (userId: UserId, method: MfaMethod, now: Date) =>
      sql`
        update mfa_enrollments set attempts = attempts + 1
        where user_id = ${userId} and method = ${method} and expires_at > ${now} and attempts < ${maxAttempts}
        returning data, code_hash as "codeHash"`.pipe(findOne(Enrollment))

    /** Ends an enrollment. Returns false if another caller did. */
    const endEnrollment = (userId: UserId, method: MfaMethod) =>
      sql`
        delete from mfa_enrollments where user_id = ${userId} and method = ${method} returning method`.pipe(
        hasRow,
      )

    const listCredentials = (userId: UserId) =>
      sql`
        select id, public_key as "publicKey", counter::text, transports from webauthn_credentials
        where user_id = ${userId} order by created_at, id`.pipe(findAll(Credential))

    /** Inserts a credential. Returns false if it is registered already. */
    const insertCredential = (userId: UserId, credential: WebAuthnCredential, now: Date) =>
      sql`
        insert into webauthn_credentials (id, user_id, public_key, counter, transports, created_at)
        values (${credential.id}, ${userId}, ${credential.publicKey}, ${credential.counter},
                ${credential.transports}::text[], ${now})
        on conflict do nothing returning id`.pipe(hasRow)

    /** Stores a later counter; keys without one send 0 always. Returns false for another: the key may be a copy. */
    const advanceCounter = (id: string, counter: number) =>
      sql`
        update webauthn_credentials set counter = ${counter}
        where id = ${id} and (counter < ${counter}::bigint or counter = 0 and ${counter}::bigint = 0)
        returning id`.pipe(hasRow)

    const replaceBackupCodes = (userId: UserId, hashes: ReadonlyArray<Uint8Array>) =>
      Effect.zipRight(
        sql`delete from backup_codes where user_id = ${userId}`.pipe(execute),
        Effect.forEach(
          hashes,
          (hash) => sql`insert into backup_codes (user_id, hash) values (${userId}, ${hash})`.pipe(execute),
          { discard: true },
        ),
      )

    /** Deletes a backup code. Returns false if there is none: of concurrent calls one succeeds. */
    const consumeBackupCode = (userId: UserId, hash: Uint8Array) =>
      sql`delete from backup_codes where user_id = ${userId} and hash = ${hash} returning hash`.pipe(hasRow)

    const countBackupCodes = (userId: UserId) =>
      Effect.map(
        sql`select count(*)::int as count from backup_codes where user_id = ${userId}`.pipe(
          findColumn("count", Schema.Int),
        ),
        ([count = 0]) => count,
      )

    const purge = (now: Date) => sql`delete from mfa_enrollments where expires_at <= ${now}`.pipe(execute)

    const listSecretsWithout = (prefix: string) =>
      sql`
        select user_id as "userId", data as sealed from mfa_methods
        where method = 'totp' and not starts_with(data, ${prefix})`.pipe(findAll(SealedSecret))

    const replaceSecret = ({ userId, sealed: previous }: typeof SealedSecret.Type, sealed: string) =>
      sql`
        update mfa_methods set data = ${sealed}
        where user_id = ${userId} and method = 'totp' and data = ${previous}`.pipe(execute)

    return {
      findAccount,
      list,
      lock,
      setEnabled,
      insert,
      remove,
      consumeStep,
      startEnrollment,
      attemptEnrollment,
      endEnrollment,
      listCredentials,
      insertCredential,
      advanceCounter,
      removeAll,
      replaceBackupCodes,
      consumeBackupCode,
      countBackupCodes,
      purge,
      listSecretsWithout,
      replaceSecret,
    }
  }),
}) {}
