import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import { execute, findAll } from "../../shared/Rows"
import { type Audience, MessagingEvent, OutboxEntry } from "./Model"

/** The key of the advisory lock that puts commits in the order of `seq`. */
const ORDER_LOCK = 7_150_001

const encodeEvent = Schema.encodeSync(Schema.parseJson(MessagingEvent))

const Row = Schema.Struct({ ...OutboxEntry.fields, seq: Schema.NumberFromString })

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

    /** Lists the events after a number, in order. */
    const listAfter = (seq: number, limit: number) =>
      sql`
        select seq::text, scope_id as "scopeId", user_ids as "userIds", event, created_at as "createdAt"
        from outbox where seq > ${seq} order by outbox.seq limit ${limit}`.pipe(findAll(Row))

    const deleteBefore = (time: Date) => sql`delete from outbox where created_at < ${time}`.pipe(execute)

    return { insert, listAfter, deleteBefore }
  }),
}) {}
