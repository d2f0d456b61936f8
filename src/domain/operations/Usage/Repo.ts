import { SqlClient } from "@effect/sql"
import type { Fragment } from "@effect/sql/Statement"
import { Effect } from "effect"
import type { UserId } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { Call, CallPrice, Reservation, UsageAccount, UsedTokens } from "./Model"

export class UsageRepo extends Effect.Service<UsageRepo>()("UsageRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const openAccount = (userId: UserId, tokensLimit: number) =>
      sql`insert into usage_accounts (user_id, tokens_limit) values (${userId}, ${tokensLimit})`.pipe(
        Effect.orDie,
        Effect.asVoid,
      )

    const account = (userId: UserId) =>
      sql<UsageAccount>`
        select tokens_limit as "tokensLimit", tokens_used as "tokensUsed", messages_sent as "messagesSent"
        from usage_accounts where user_id = ${userId}`.pipe(
        Effect.map((rows) => rows[0]),
        Effect.orDie,
      )

    /** Undefined when there is no such user. */
    const setLimit = (id: UserId, tokensLimit: number) =>
      sql<{ userId: UserId }>`
        update usage_accounts set tokens_limit = ${tokensLimit} where user_id = ${uuidOrNull(id)}
        returning user_id as "userId"`.pipe(
        Effect.map((rows) => rows[0]),
        Effect.orDie,
      )

    /**
     * The parts of a statement that reserve: `account`, with a row if the limit covers it, and the
     * ledger's entry. One statement, so that of many at once only those that fit go through.
     * Nothing is reserved unless `given` has a row, which says in its column `tokens` how many. The
     * `owner` is the node that makes the call, unless something else keeps that in mind.
     */
    const reserved = (
      userId: UserId,
      call: Call,
      now: Date,
      given: Fragment,
      owner: number | null = null,
    ) => sql`
      account as (
        update usage_accounts
        set tokens_reserved = tokens_reserved + given.tokens, messages_sent = messages_sent + ${call.messages ?? 1}::int
        from (select * from ${given}) given
        where user_id = ${userId}
          and (tokens_limit < 0 or tokens_used + tokens_reserved + given.tokens <= tokens_limit)
        returning user_id, tokens_limit >= 0 as limited, given.tokens
      ), entry as (
        insert into usage_entries
          (id, user_id, model, reserved_tokens, messages, prompt_price, completion_price, request_price,
           created_at, owner)
        select ${call.id}::uuid, user_id, ${call.model}, tokens, ${call.messages ?? 1}::int,
          ${call.price?.prompt ?? null}::numeric, ${call.price?.completion ?? null}::numeric,
          ${call.price?.request ?? null}::numeric, ${now}, ${owner}::bigint
        from account
      )`

    const reserve = (userId: UserId, reservation: Reservation, owner: number, now: Date) =>
      sql<{ limited: boolean }>`
        with ${reserved(userId, reservation, now, sql`(select ${reservation.tokens}::int as tokens) asked`, owner)}
        select limited from account`.pipe(
        Effect.map((rows) => rows[0]),
        Effect.orDie,
      )

    /**
     * The parts that settle an entry, and add it to its user's sums and to its day's. They do
     * nothing the second time: an entry is settled once. The price is that of when the call was made,
     * or else the one given; an unknown one adds nothing.
     * Whatever the part `after` locks is locked before, then the account, then the day: each part
     * draws on the one before, as PostgreSQL runs those that nothing draws on in any order.
     */
    const settled = (
      id: string,
      used: UsedTokens,
      price: CallPrice | null,
      now: Date,
      after = sql`(select) nothing`,
    ) => sql`
      settled as (
        update usage_entries
        set prompt_tokens = ${used.promptTokens}, completion_tokens = ${used.completionTokens},
          cost_usd = trim_scale(
            coalesce(prompt_price, ${price?.prompt ?? null}::numeric) * ${used.promptTokens}::bigint
            + coalesce(completion_price, ${price?.completion ?? null}::numeric) * ${used.completionTokens}::bigint
            + case when ${used.promptTokens}::bigint + ${used.completionTokens}::bigint = 0 then 0 when prompt_price is null
              then ${price?.request ?? "0"}::numeric else coalesce(request_price, 0) end
            + ${used.besideUsd ?? "0"}::numeric),
          settled_at = ${now}
        where id = ${id} and settled_at is null and (select count(*) from ${after}) >= 0
        returning user_id, model, reserved_tokens, messages, prompt_tokens, completion_tokens, cost_usd, created_at
      ), charged as (
        update usage_accounts a
        set tokens_reserved = a.tokens_reserved - e.reserved_tokens,
            tokens_used = a.tokens_used + e.prompt_tokens + e.completion_tokens
        from settled e where a.user_id = e.user_id
        returning e.*
      ), summed as (
        insert into usage_days as d
          (day, user_id, model, requests, messages, prompt_tokens, completion_tokens, cost_usd)
        select (created_at at time zone 'UTC')::date, user_id, model, 1, messages, prompt_tokens,
          completion_tokens, coalesce(cost_usd, 0)
        from charged
        on conflict (day, user_id, model) do update set
          requests = d.requests + excluded.requests, messages = d.messages + excluded.messages,
          prompt_tokens = d.prompt_tokens + excluded.prompt_tokens,
          completion_tokens = d.completion_tokens + excluded.completion_tokens,
          cost_usd = d.cost_usd + excluded.cost_usd
      )`

    const settle = (id: string, used: UsedTokens, price: CallPrice | null, now: Date) =>
      sql`with ${settled(id, used, price, now)} select from settled`.pipe(Effect.orDie, Effect.asVoid)

    /** The nodes of calls that are not over. */
    const unsettledOwners = sql<{ owner: number }>`
      select distinct owner from usage_entries where settled_at is null and owner is not null`.pipe(
      Effect.map((rows) => rows.map((row) => Number(row.owner))),
      Effect.orDie,
    )

    /** Gives back what a node's calls have reserved, and says how many; what one did cost can be settled still. */
    const release = (owner: number) =>
      sql<{ calls: number }>`
        with lost as (
          select id, user_id, reserved_tokens from usage_entries
          where owner = ${owner} and settled_at is null order by id for update
        ), released as (
          update usage_entries e set reserved_tokens = 0, owner = null from lost where e.id = lost.id
        ), given_back as (
          update usage_accounts a set tokens_reserved = a.tokens_reserved - l.tokens
          from (select user_id, sum(reserved_tokens) as tokens from lost group by 1) l
          where a.user_id = l.user_id
        )
        select count(*)::int as calls from lost`.pipe(
        Effect.map((rows) => rows[0]?.calls ?? 0),
        Effect.orDie,
      )

    return {
      openAccount,
      account,
      setLimit,
      reserve,
      settle,
      unsettledOwners,
      release,
      parts: { reserved, settled },
    }
  }),
}) {}
