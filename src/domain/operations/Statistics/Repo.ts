import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { findOne } from "../../shared/Rows"
import { Totals } from "./Model"

export class StatisticsRepo extends Effect.Service<StatisticsRepo>()("StatisticsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** Counts what there is. Reads whole tables: for administrators, who seldom ask. */
    const totals = (activeSince: Date) =>
      sql`
        select
          (select count(*)::int from users) as users,
          (select count(*)::int from usage_accounts where last_used_on >= ${activeSince}::date) as "activeUsers",
          (select count(*)::int from users where status = 'banned') as "bannedUsers",
          (select count(*)::int from organizations) as organizations,
          (select count(*)::int from channels where type <> 'direct') as channels,
          (select count(*)::int from channels where type = 'direct') as "directConversations",
          (select count(*)::int from posts where deleted_at is null) as posts,
          (select count(*)::int from conversations) as conversations,
          (select count(*)::int from generations where state = 'running') as "runningGenerations",
          (select count(*)::int from files) as files,
          (select coalesce(sum(size), 0)::bigint from files) as "storedBytes"`.pipe(
        findOne(Totals),
        Effect.flatten,
        Effect.orDie,
      )

    return { totals }
  }),
}) {}
