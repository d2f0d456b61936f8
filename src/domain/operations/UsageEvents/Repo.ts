import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { Actor } from "../../shared/Actor"
import { execute, findAll } from "../../shared/Rows"
import type { UsagePeriod } from "../Usage/Model"
import { CallsOfDay, type NewUsageEvent } from "./Model"

export class UsageEventsRepo extends Effect.Service<UsageEventsRepo>()("UsageEventsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** Locks the actor's account until the transaction ends, so that their events are inserted one by one. */
    const lockAccount = (actor: Actor) =>
      sql`select from usage_accounts where user_id = ${actor.userId} for no key update`.pipe(execute)

    /**
     * Inserts an event. It claims the oldest settled call of the ledger since `since` with one of the model ids
     * and the same tokens that no event has claimed.
     */
    const insert = (
      actor: Actor,
      event: NewUsageEvent & { readonly id: string; readonly createdAt: Date },
      modelIds: ReadonlyArray<string>,
      since: Date,
    ) =>
      sql`
        insert into usage_events
          (id, user_id, provider, model, prompt_tokens, completion_tokens, total_tokens, milliseconds, success,
           created_at, entry_id)
        values (${event.id}, ${actor.userId}, ${event.provider}, ${event.model}, ${event.promptTokens},
          ${event.completionTokens}, ${event.totalTokens}, ${event.milliseconds}, ${event.success},
          ${event.createdAt}, (
            select e.id from usage_entries e
            where e.user_id = ${actor.userId} and e.created_at >= ${since} and e.settled_at is not null
              and e.model = any(${modelIds}::text[]) and e.prompt_tokens = ${event.promptTokens}
              and e.completion_tokens = ${event.completionTokens}
              and not exists (select from usage_events claimed where claimed.entry_id = e.id)
            order by e.created_at limit 1
          ))`.pipe(execute)

    /** Lists the calls of the ledger and the events that claim none of them, by day and model. */
    const callsByDay = (actor: Actor, { from, to }: UsagePeriod) => {
      const day = (at: Date) => sql`${at.toISOString().slice(0, 10)}::date`
      const during = sql`${from === undefined ? sql`` : sql`and day >= ${day(from)}`}
        ${to === undefined ? sql`` : sql`and day <= ${day(to)}`}`
      return sql`
        select day, model, null as provider, requests, (prompt_tokens + completion_tokens)::bigint as tokens,
          milliseconds, requests as "timedRequests"
        from usage_days where user_id = ${actor.userId} ${during}
        union all
        select day, model, provider, count(*)::int, sum(total_tokens)::bigint,
          coalesce(sum(milliseconds), 0)::bigint, count(milliseconds)::int
        from (select *, (created_at at time zone 'UTC')::date as day from usage_events) events
        where user_id = ${actor.userId} and entry_id is null ${during}
        group by day, model, provider
        order by day`.pipe(findAll(CallsOfDay))
    }

    return { lockAccount, insert, callsByDay }
  }),
}) {}
