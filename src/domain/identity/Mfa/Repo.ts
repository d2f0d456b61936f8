import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import { UserId } from "../../shared/Actor"
import { execute, findOne, hasRow } from "../../shared/Rows"
import { maxAttempts } from "../MfaMethods/Model"

const Challenge = Schema.Struct({
  userId: UserId,
  passwordHash: Schema.String,
  codeMethod: Schema.NullOr(Schema.Literal("sms", "email")),
  codeHash: Schema.NullOr(Schema.Uint8ArrayFromSelf),
  ceremony: Schema.NullOr(Schema.String),
})
export type Challenge = typeof Challenge.Type

export class MfaRepo extends Effect.Service<MfaRepo>()("MfaRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(
      `user_id as "userId", password_hash as "passwordHash", code_method as "codeMethod", code_hash as "codeHash", ceremony`,
    )
    const isOpen = (tokenHash: Uint8Array, now: Date) =>
      sql`token_hash = ${tokenHash} and expires_at > ${now} and attempts < ${maxAttempts}`

    /** Inserts a challenge, and deletes those that expired. */
    const insert = (
      tokenHash: Uint8Array,
      userId: UserId,
      passwordHash: string,
      now: Date,
      expiresAt: Date,
    ) =>
      sql`
        with expired as (delete from mfa_challenges where expires_at <= ${now})
        insert into mfa_challenges (token_hash, user_id, password_hash, attempts, expires_at)
        values (${tokenHash}, ${userId}, ${passwordHash}, 0, ${expiresAt})`.pipe(execute)

    const find = (tokenHash: Uint8Array, now: Date) =>
      sql`select ${columns} from mfa_challenges where ${isOpen(tokenHash, now)}`.pipe(findOne(Challenge))

    /** Counts an attempt at a challenge and returns it; none once it expired or was tried too often. */
    const attempt = (tokenHash: Uint8Array, now: Date) =>
      sql`
        update mfa_challenges set attempts = attempts + 1 where ${isOpen(tokenHash, now)}
        returning ${columns}`.pipe(findOne(Challenge))

    const setCode = (tokenHash: Uint8Array, method: "sms" | "email", hash: Uint8Array) =>
      sql`
        update mfa_challenges set code_method = ${method}, code_hash = ${hash}
        where token_hash = ${tokenHash}`.pipe(execute)

    const setCeremony = (tokenHash: Uint8Array, ceremony: string) =>
      sql`update mfa_challenges set ceremony = ${ceremony} where token_hash = ${tokenHash}`.pipe(execute)

    /** Deletes a challenge. Returns false if it is gone: of concurrent calls one succeeds. */
    const consume = (tokenHash: Uint8Array) =>
      sql`delete from mfa_challenges where token_hash = ${tokenHash} returning user_id`.pipe(hasRow)

    return { insert, find, attempt, setCode, setCeremony, consume }
  }),
}) {}
