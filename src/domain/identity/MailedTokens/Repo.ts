import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import { UserId } from "../../shared/Actor"
import { execute, findOne, hasRow } from "../../shared/Rows"
import { MAX_ACTIVE_TOKENS, type MailedTokenPurpose } from "./Model"

const UserRow = Schema.Struct({ userId: UserId })

export class MailedTokensRepo extends Effect.Service<MailedTokensRepo>()("MailedTokensRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** Inserts a token and deletes the user's expired ones. Returns false if the user has enough active ones. */
    const insert = (
      hash: Uint8Array,
      userId: UserId,
      purpose: MailedTokenPurpose,
      { now, expiresAt }: { readonly now: Date; readonly expiresAt: Date },
    ) =>
      sql`
        with expired as (
          delete from mailed_tokens where user_id = ${userId} and purpose = ${purpose} and expires_at <= ${now}
        )
        insert into mailed_tokens (hash, user_id, purpose, expires_at)
        select ${hash}::bytea, ${userId}::uuid, ${purpose}, ${expiresAt}::timestamptz where ${MAX_ACTIVE_TOKENS} > (
          select count(*) from mailed_tokens
          where user_id = ${userId} and purpose = ${purpose} and expires_at > ${now}
        )
        returning user_id`.pipe(hasRow)

    const exists = (hash: Uint8Array, purpose: MailedTokenPurpose, now: Date) =>
      sql`
        select user_id from mailed_tokens
        where hash = ${hash} and purpose = ${purpose} and expires_at > ${now}`.pipe(hasRow)

    /** Deletes an active token and returns its user: of concurrent calls one succeeds. */
    const consume = (hash: Uint8Array, purpose: MailedTokenPurpose, now: Date) =>
      sql`
        delete from mailed_tokens where hash = ${hash} and purpose = ${purpose} and expires_at > ${now}
        returning user_id as "userId"`.pipe(findOne(UserRow))

    const deleteAll = (userId: UserId, purpose: MailedTokenPurpose) =>
      sql`delete from mailed_tokens where user_id = ${userId} and purpose = ${purpose}`.pipe(execute)

    return { insert, exists, consume, deleteAll }
  }),
}) {}
