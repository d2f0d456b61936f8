import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { UserId } from "../../shared/Actor"
import { execute, hasRow } from "../../shared/Rows"

export class SignInLimitsRepo extends Effect.Service<SignInLimitsRepo>()("SignInLimitsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const isKnown = (userId: UserId, network: string) =>
      sql`select from known_networks where user_id = ${userId} and network = ${network}`.pipe(hasRow)

    /** Stores that a user used a network. Writes at most once a day. */
    const remember = (userId: UserId, network: string, now: Date) =>
      sql`
        insert into known_networks as k (user_id, network, used_at) values (${userId}, ${network}, ${now})
        on conflict (user_id, network) do update set used_at = excluded.used_at
        where k.used_at < excluded.used_at - interval '1 day'`.pipe(execute)

    /** Deletes the networks that were used last before a time. */
    const purge = (before: Date) => sql`delete from known_networks where used_at < ${before}`.pipe(execute)

    return { isKnown, remember, purge }
  }),
}) {}
