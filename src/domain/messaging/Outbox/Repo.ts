import { SqlClient } from "@effect/sql"
import { Effect, Option, Schema } from "effect"
import type { ScopeId } from "../../identity/Memberships/Model"
import type { UserId } from "../../shared/Actor"
import { execute, findAll, findOne } from "../../shared/Rows"
import { type Audience, MessagingEvent, OutboxEntry } from "./Model"

/** The key of the advisory lock that puts commits in the order of `seq`. */
const ORDER_LOCK = 7_150_001

const encodeEvent = Schema.encodeSync(Schema.parseJson(MessagingEvent))

const Row = Schema.Struct({ ...OutboxEntry.fields, seq: Schema.NumberFromString })

const BoundsRow = Schema.Struct({ deleted: Schema.NumberFromString, latest: Schema.NumberFromString })

export class OutboxRepo extends Effect.Service<OutboxRepo>()("OutboxRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** Inserts an event. The lock is held until the transaction ends, and taken before `seq` is drawn. */
    const insert = ({ scopeId, userIds = [] }: Audience, event: MessagingEvent, createdAt: Date) =>
      sql`
        with ordered as materialized (select pg_advisory_xact_lock(${ORDER_LOCK}))
        insert into outbox (scope_id, user_ids, event, created_at)
        select ${scopeId ?? null}::uuid, ${userIds}::uuid[], ${encodeEvent(event)}::jsonb,
          ${createdAt}::timestamptz
        from ordered`.pipe(execute)

    // `order by` names the table's number: the output column of that name is a text, where 10 comes before 9.
    const columns = sql.literal(
      `seq::text, scope_id as "scopeId", user_ids as "userIds", event, created_at as "createdAt"`,
    )

    /** Lists the events after a number, in order. */
    const listAfter = (seq: number, limit: number) =>
      sql`select ${columns} from outbox where seq > ${seq} order by outbox.seq limit ${limit}`.pipe(
        findAll(Row),
      )

    /** Lists those of these scopes, or for this user alone, after one number and up to another. */
    const listVisible = (
      scopeIds: ReadonlyArray<ScopeId>,
      userId: UserId | undefined,
      range: { readonly after: number; readonly upTo: number },
      limit: number,
    ) =>
      sql`
        select ${columns} from outbox where seq > ${range.after} and seq <= ${range.upTo}
          and (scope_id = any(${scopeIds}::uuid[]) or ${userId ?? null}::uuid = any(user_ids))
        order by outbox.seq limit ${limit}`.pipe(findAll(Row))

    /** Returns the largest number that was deleted, and the largest ever written; 0 for none. */
    const bounds = Effect.flatMap(
      sql`
        select deleted::text, greatest(deleted, (select max(seq) from outbox))::text as latest
        from (select coalesce(max(seq), 0) as deleted from outbox_horizon) h`.pipe(findOne(BoundsRow)),
      Effect.orDie,
    )

    /** Deletes up to `limit` of the oldest events if they were written before a time. Returns how many. */
    const deleteOldest = (before: Date, limit: number) =>
      sql`
        with deleted as (
          delete from outbox where seq in (select seq from outbox order by outbox.seq limit ${limit})
            and created_at < ${before}
          returning seq
        ), moved as (
          insert into outbox_horizon (seq) select max(seq) from deleted having count(*) > 0
          on conflict (single) do update set seq = greatest(outbox_horizon.seq, excluded.seq)
        )
        select count(*)::int as count from deleted`.pipe(
        findOne(Schema.Struct({ count: Schema.Int })),
        Effect.map(Option.match({ onNone: () => 0, onSome: ({ count }) => count })),
      )

    return { insert, listAfter, listVisible, bounds, deleteOldest }
  }),
}) {}
