import { SqlClient } from "@effect/sql"
import type { Fragment } from "@effect/sql/Statement"
import { Effect } from "effect"
import type { Day, ModelCost, ModelUsage } from "./Model"
import type { DayCount } from "./Rules"

/** Days of UTC, both counted in. */
interface Period {
  readonly first: Day
  readonly last: Day
}

interface DayUsage extends ModelUsage {
  readonly day: Day
}

interface Totals {
  readonly users: number
  readonly activeUsers: number
  readonly conversations: number
  readonly recentConversations: number
  readonly messages: number
  readonly tokens: number
}

/** Reads sums that others keep: nothing here looks at single messages or calls. */
export class AnalyticsRepo extends Effect.Service<AnalyticsRepo>()("AnalyticsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const during = ({ first, last }: Period) => sql`day between ${first}::date and ${last}::date`

    /** Where all who used it are gone, sums of nothing are left. */
    const atAll = sql`having sum(requests) > 0`

    /** Times are compared as such, not as days, so that an index can find them. */
    const madeDuring = ({ first, last }: Period) => sql`
      created_at >= ${first}::timestamp at time zone 'UTC'
      and created_at < (${last}::timestamp + interval '1 day') at time zone 'UTC'`

    /** Those that stand for themselves, not the lanes of arena sessions. */
    const conversations = sql`conversations where arena_session_id is null`

    const totals = (period: Period) =>
      sql<Totals>`
        select
          count(*)::int as users, (count(*) filter (where last_used_on >= ${period.first}::date))::int as "activeUsers",
          (select coalesce(sum(active + archived), 0)::bigint from conversation_counts) as conversations,
          (select count(*)::int from ${conversations} and ${madeDuring(period)}) as "recentConversations",
          coalesce(sum(messages_sent), 0)::bigint as messages, coalesce(sum(tokens_used), 0)::bigint as tokens
        from usage_accounts`.pipe(
        Effect.flatMap((rows) => Effect.fromNullable(rows[0])),
        Effect.orDie,
      )

    const sums = sql.literal(
      `sum(requests)::bigint as requests, sum(messages)::bigint as messages,
       sum(prompt_tokens + completion_tokens)::bigint as tokens`,
    )

    /** The most used first. */
    const byModel = (period: Period) =>
      sql<ModelUsage>`
        select model, ${sums} from usage_totals where ${during(period)} group by model ${atAll}
        order by requests desc, model`.pipe(Effect.orDie)

    /** The dearest first. Decimals are added up where they are exact. */
    const costs = (period: Period) =>
      sql<ModelCost & { readonly totalUsd: string }>`
        select model, ${sums}, trim_scale(sum(cost_usd))::text as "costUsd",
          trim_scale(sum(sum(cost_usd)) over ())::text as "totalUsd"
        from usage_totals where ${during(period)} group by model ${atAll}
        order by sum(cost_usd) desc, model`.pipe(
        Effect.map((rows) => ({
          models: rows.map(({ totalUsd: _, ...model }) => model),
          totalUsd: rows[0]?.totalUsd ?? "0",
        })),
        Effect.orDie,
      )

    const byDayAndModel = (period: Period) =>
      sql<DayUsage>`
        select day, model, ${sums} from usage_totals where ${during(period)} group by day, model ${atAll}`.pipe(
        Effect.orDie,
      )

    const madeByDay = (made: Fragment) => (period: Period) =>
      sql<DayCount>`
        select (created_at at time zone 'UTC')::date as day, count(*)::int as count
        from ${made} and ${madeDuring(period)} group by 1`.pipe(Effect.orDie)

    return {
      totals,
      byModel,
      costs,
      byDayAndModel,
      usersByDay: madeByDay(sql`users where true`),
      conversationsByDay: madeByDay(conversations),
    }
  }),
}) {}
