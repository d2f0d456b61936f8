import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { hasRow } from "../../shared/Rows"

export class AdminSetupRepo extends Effect.Service<AdminSetupRepo>()("AdminSetupRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const noAdmin = sql`not exists (select from users where role = 'admin')`

    /** Inserts a token unless there is an administrator, and deletes expired ones. Returns false if there is one. */
    const insert = (hash: Uint8Array, now: Date, expiresAt: Date) =>
      sql`
        with expired as (delete from setup_tokens where expires_at <= ${now})
        insert into setup_tokens (hash, expires_at)
        select ${hash}::bytea, ${expiresAt}::timestamptz where ${noAdmin} returning hash`.pipe(hasRow)

    const exists = (hash: Uint8Array, now: Date) =>
      sql`select hash from setup_tokens where hash = ${hash} and expires_at > ${now} and ${noAdmin}`.pipe(
        hasRow,
      )

    /** Deletes all tokens if this one works; of concurrent calls, with whatever tokens, one succeeds. */
    const consume = (hash: Uint8Array, now: Date) =>
      sql`lock table setup_tokens in exclusive mode`.pipe(
        Effect.zipRight(sql`
          delete from setup_tokens where ${noAdmin}
            and exists (select from setup_tokens where hash = ${hash} and expires_at > ${now})
          returning hash`),
        hasRow,
      )

    return { insert, exists, consume }
  }),
}) {}
