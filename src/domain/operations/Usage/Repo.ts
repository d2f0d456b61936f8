import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import { UserId } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import { execute, findAll, findColumn, findOne } from "../../shared/Rows"
import {
  DailyUsage,
  type Pricing,
  type Reservation,
  UsageAccount,
  type UsagePeriod,
  type UsedTokens,
} from "./Model"

export class UsageRepo extends Effect.Service<UsageRepo>()("UsageRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const createAccount = (userId: UserId, tokensLimit: number) =>
      sql`insert into usage_accounts (user_id, tokens_limit) values (${userId}, ${tokensLimit})`.pipe(execute)

    const getAccount = (userId: UserId) =>
      sql`
        select tokens_limit as "tokensLimit", tokens_used as "tokensUsed", messages_sent as "messagesSent"
        from usage_accounts where user_id = ${userId}`.pipe(findOne(UsageAccount))

    /** Lists a user's usage by day and model, both ascending. */
    const listDays = (userId: UserId, { from, to }: UsagePeriod) => {
      const day = (at: Date) => sql`${at.toISOString().slice(0, 10)}::date`
      return sql`
        select day, model, requests, messages, prompt_tokens as "promptTokens",
          completion_tokens as "completionTokens", trim_scale(cost_usd)::text as "costUsd"
        from usage_days
        where user_id = ${userId} ${from === undefined ? sql`` : sql`and day >= ${day(from)}`}
          ${to === undefined ? sql`` : sql`and day <= ${day(to)}`}
        order by day, model collate "C"`.pipe(findAll(DailyUsage))
    }

    /** Sets a user's limit and returns the user's id; None if there is no such user. */
    const setLimit = (id: UserId, tokensLimit: number) =>
      sql`
        update usage_accounts set tokens_limit = ${tokensLimit} where user_id = ${uuidOrNull(id)}
        returning user_id as "userId"`.pipe(findOne(Schema.Struct({ userId: UserId })))

    /**
     * Reserves tokens and adds the ledger's entry. Returns None if the limit does not cover the call.
     * Checking and reserving are one statement, so that concurrent calls cannot exceed the limit. `owner`
     * is the node that makes the call.
     */
    const reserve = (userId: UserId, call: Reservation, owner: number, now: Date) => {
      const { isMetered = true } = call
      return sql`
        with account as (
          update usage_accounts
          set tokens_reserved = tokens_reserved + ${call.tokens}::int,
            messages_sent = messages_sent + ${call.messages ?? 1}::int
          where user_id = ${userId}
            and (tokens_limit < 0 or not ${isMetered}::boolean
              or tokens_used + tokens_reserved + ${call.tokens}::int <= tokens_limit)
          returning user_id, tokens_limit >= 0 as limited
        ), entry as (
          insert into usage_entries
            (id, user_id, model, reserved_tokens, messages, is_metered, prompt_price, completion_price, request_price,
             created_at, owner)
          select ${call.id}::uuid, user_id, ${call.model}, ${call.tokens}::int, ${call.messages ?? 1}::int,
            ${isMetered}::boolean, ${call.price?.prompt ?? null}::numeric, ${call.price?.completion ?? null}::numeric,
            ${call.price?.request ?? null}::numeric, ${now}, ${owner}::bigint
          from account
        )
        select limited from account`.pipe(findOne(Schema.Struct({ limited: Schema.Boolean })))
    }

    /**
     * Settles a ledger entry and adds it to the totals of its user and its day. Idempotent: an entry is
     * settled once. The price is the one stored with the reservation, else the one passed; an unknown
     * price adds no cost.
     * Lock order: the account, then the day. PostgreSQL runs independent CTEs in any order, so each reads
     * from the one whose lock comes before its own.
     */
    const settle = (id: string, used: UsedTokens, price: Pricing | null, now: Date) =>
      sql`
        with settlement as (
          update usage_entries
          set prompt_tokens = ${used.promptTokens}, completion_tokens = ${used.completionTokens},
            cost_usd = trim_scale(
              coalesce(prompt_price, ${price?.prompt ?? null}::numeric) * ${used.promptTokens}::bigint
              + coalesce(completion_price, ${price?.completion ?? null}::numeric) * ${used.completionTokens}::bigint
              + case when ${used.promptTokens}::bigint + ${used.completionTokens}::bigint = 0 then 0
                when prompt_price is null then ${price?.request ?? "0"}::numeric
                else coalesce(request_price, 0) end
              + ${used.surchargeUsd ?? "0"}::numeric),
            settled_at = ${now}
          where id = ${id} and settled_at is null
          returning user_id, model, reserved_tokens, messages, is_metered, prompt_tokens, completion_tokens, cost_usd,
            created_at, (extract(epoch from settled_at - created_at) * 1000)::bigint as milliseconds
        ), charge as (
          update usage_accounts a
          set tokens_reserved = a.tokens_reserved - e.reserved_tokens,
              tokens_used = a.tokens_used + case when e.is_metered then e.prompt_tokens + e.completion_tokens else 0 end
          from settlement e where a.user_id = e.user_id
          returning e.*
        ), daily_totals as (
          insert into usage_days as d
            (day, user_id, model, requests, messages, prompt_tokens, completion_tokens, cost_usd, milliseconds)
          select (created_at at time zone 'UTC')::date, user_id, model, 1, messages, prompt_tokens,
            completion_tokens, coalesce(cost_usd, 0), milliseconds
          from charge
          on conflict (day, user_id, model) do update set
            requests = d.requests + excluded.requests, messages = d.messages + excluded.messages,
            prompt_tokens = d.prompt_tokens + excluded.prompt_tokens,
            completion_tokens = d.completion_tokens + excluded.completion_tokens,
            cost_usd = d.cost_usd + excluded.cost_usd, milliseconds = d.milliseconds + excluded.milliseconds
        )
        select from settlement`.pipe(execute)

    /** Returns the nodes that own unsettled reservations. */
    const ownersOfOpenReservations = sql`
      select distinct owner from usage_entries where settled_at is null and owner is not null`.pipe(
      findColumn("owner", Schema.Int),
    )

    /** Releases all reservations of a node and returns their number. A late result can still be settled. */
    const releaseReservations = (owner: number) =>
      sql`
        with orphaned as (
          select id, user_id, reserved_tokens from usage_entries
          where owner = ${owner} and settled_at is null order by id for update
        ), release as (
          update usage_entries e set reserved_tokens = 0, owner = null from orphaned where e.id = orphaned.id
        ), refunded as (
          update usage_accounts a set tokens_reserved = a.tokens_reserved - o.tokens
          from (select user_id, sum(reserved_tokens) as tokens from orphaned group by 1) o
          where a.user_id = o.user_id
        )
        select from orphaned`.pipe(
        Effect.map((rows) => rows.length),
        Effect.orDie,
      )

    return {
      createAccount,
      getAccount,
      listDays,
      setLimit,
      reserve,
      settle,
      ownersOfOpenReservations,
      releaseReservations,
    }
  }),
}) {}
