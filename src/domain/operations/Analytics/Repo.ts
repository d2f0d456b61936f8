import { SqlClient } from "@effect/sql"
import type { Fragment } from "@effect/sql/Statement"
import { Effect, Schema } from "effect"
import { findAll, findOne } from "../../shared/Rows"
import { Day, ModelCost, ModelUsage } from "./Model"
import { DayCount } from "./Rules"

/** A range of days in UTC, both inclusive. */
interface Period {
  readonly first: Day
  readonly last: Day
}

const Totals = Schema.Struct({
  users: Schema.Int,
  activeUsers: Schema.Int,
  conversations: Schema.Int,
  recentConversations: Schema.Int,
  messages: Schema.Int,
  tokens: Schema.Int,
})

/** Reads sums that are maintained on write instead of messages and calls; only users and conversations are counted. */
export class AnalyticsRepo extends Effect.Service<AnalyticsRepo>()("AnalyticsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const during = ({ first, last }: Period) => sql`day between ${first}::date and ${last}::date`

    /** Excludes models whose users were all deleted: their totals remain as zeros. */
    const havingActivity = sql`having sum(requests) > 0`

    const createdBetween = ({ first, last }: Period) =>
      sql`(created_at at time zone 'UTC')::date between ${first}::date and ${last}::date`

    /** Conversations other than the lanes of arena sessions. */
    const conversations = sql`conversations where arena_session_id is null`

    const totals = (period: Period) =>
      sql`
        select
          count(*)::int as users, (count(*) filter (where last_used_on >= ${period.first}::date))::int as "activeUsers",
          (select count(*)::int from ${conversations}) as conversations,
          (select count(*)::int from ${conversations} and ${createdBetween(period)}) as "recentConversations",
          coalesce(sum(messages_sent), 0)::bigint as messages, coalesce(sum(tokens_used), 0)::bigint as tokens
        from usage_accounts`.pipe(findOne(Totals), Effect.flatten, Effect.orDie)

    const sums = sql.literal(
      `sum(requests)::bigint as requests, sum(messages)::bigint as messages,
       sum(prompt_tokens + completion_tokens)::bigint as tokens`,
    )

    /** Returns usage by model, most used first. */
    const byModel = (period: Period) =>
      sql`
        select model, ${sums} from usage_totals where ${during(period)} group by model ${havingActivity}
        order by requests desc, model`.pipe(findAll(ModelUsage))

    /** Returns costs by model, most expensive first. Summed in SQL, where decimals are exact. */
    const costs = (period: Period) =>
      sql`
        select model, ${sums}, trim_scale(sum(cost_usd))::text as "costUsd",
          trim_scale(sum(sum(cost_usd)) over ())::text as "totalUsd"
        from usage_totals where ${during(period)} group by model ${havingActivity}
        order by sum(cost_usd) desc, model`.pipe(
        findAll(Schema.Struct({ ...ModelCost.fields, totalUsd: Schema.String })),
        Effect.map((rows) => ({
          models: rows.map(({ totalUsd: _, ...model }) => model),
          totalUsd: rows[0]?.totalUsd ?? "0",
        })),
      )

    const byDayAndModel = (period: Period) =>
      sql`
        select day, model, ${sums} from usage_totals where ${during(period)} group by day, model ${havingActivity}`.pipe(
        findAll(Schema.Struct({ ...ModelUsage.fields, day: Day })),
      )

    const createdByDay = (source: Fragment) => (period: Period) =>
      sql`
        select (created_at at time zone 'UTC')::date as day, count(*)::int as count
        from ${source} and ${createdBetween(period)} group by 1`.pipe(findAll(DayCount))

    return {
      totals,
      byModel,
      costs,
      byDayAndModel,
      usersByDay: createdByDay(sql`users where true`),
      conversationsByDay: createdByDay(conversations),
    }
  }),
}) {}
