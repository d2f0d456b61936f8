import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit } from "../../shared/Page"
import { execute, findOne, findPage } from "../../shared/Rows"
import { AuditEntry, type AuditFilter, ChainStatus, operator } from "./Model"

/** The key of the advisory lock that lets entries join the chain one after another. */
const CHAIN_LOCK = 7_150_002

export class AuditRepo extends Effect.Service<AuditRepo>()("AuditRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** Locks the end of the chain until the transaction ends. A later statement sees the entries before it. */
    const lockChain = sql`select pg_advisory_xact_lock(${CHAIN_LOCK})`.pipe(execute)

    /** Computes an entry's hash from its columns. An array of JSON keeps their ends apart. */
    const hash = sql.literal(
      `sha256(previous_hash || convert_to(jsonb_build_array(id, admin_id, admin_email, action, target_id,
         details, ip, (extract(epoch from created_at) * 1000)::bigint)::text, 'UTF8'))`,
    )

    /** Appends an entry with the administrator's current email address. Lock the chain first. */
    const insert = (entry: Omit<AuditEntry, "adminEmail">) =>
      sql`
        with admin as (
          select id, email from users where id = ${entry.adminId}
          union all
          select ${operator.userId}::uuid, ${operator.email} where ${entry.adminId} = ${operator.userId}
        ), entry as (
          select ${entry.id}::uuid as id, id as admin_id, email as admin_email, ${entry.action}::text as action,
            ${entry.targetId}::text as target_id, ${JSON.stringify(entry.details)}::jsonb as details,
            ${entry.ip}::text as ip, ${entry.createdAt}::timestamptz(3) as created_at,
            coalesce((select hash from audit_log order by seq desc limit 1), ''::bytea) as previous_hash
          from admin
        )
        insert into audit_log
          (id, admin_id, admin_email, action, target_id, details, ip, created_at, previous_hash, hash)
        select *, ${hash} from entry`.pipe(execute)

    const list = (window: OffsetLimit, { action, adminId, from, to }: AuditFilter) => {
      const matching = sql.and([
        sql`true`,
        ...(action === undefined ? [] : [sql`action = ${action}`]),
        ...(adminId === undefined ? [] : [sql`admin_id = ${uuidOrNull(adminId)}`]),
        ...(from === undefined ? [] : [sql`created_at >= ${from}`]),
        ...(to === undefined ? [] : [sql`created_at <= ${to}`]),
      ])
      return sql`
        select (select count(*)::int from audit_log where ${matching}) as total, page.*
        from (select 1) one_row left join (
          select seq, id, admin_id as "adminId", admin_email as "adminEmail", action, target_id as "targetId",
            details, ip, created_at as "createdAt"
          from audit_log where ${matching}
          order by seq desc limit ${window.limit} offset ${window.offset}
        ) page on true
        order by seq desc`.pipe(findPage(AuditEntry))
    }

    /** Checks every entry, and whether one has the hash given. */
    const verify = (expectedHash: string | undefined) =>
      sql`
        with checked as (
          select seq, id, hash,
            previous_hash is distinct from coalesce(lag(hash) over (order by seq), ''::bytea) as has_gap,
            hash is distinct from ${hash} as is_altered
          from audit_log
        )
        select count(*)::int as entries,
          (select encode(hash, 'hex') from checked order by seq desc limit 1) as "lastHash",
          (
            select json_build_object('id', id, 'reason', case when is_altered then 'altered' else 'gap' end)
            from checked where has_gap or is_altered order by seq limit 1
          ) as "brokenAt",
          ${expectedHash === undefined ? sql`true` : sql`coalesce(bool_or(encode(hash, 'hex') = ${expectedHash}), false)`} as "hasHash"
        from checked`.pipe(findOne(ChainStatus), Effect.flatMap(Effect.orDie))

    return { lockChain, insert, list, verify }
  }),
}) {}
