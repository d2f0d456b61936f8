import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { type OffsetLimit, toPageResult } from "../../shared/Page"
import type { AuditEntry } from "./Model"

export class AuditRepo extends Effect.Service<AuditRepo>()("AuditRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** Inserts an entry with the administrator's current email address. */
    const insert = (entry: Omit<AuditEntry, "adminEmail">) =>
      sql`
        insert into audit_log (id, admin_id, admin_email, action, target_id, details, created_at)
        select ${entry.id}::uuid, id, email, ${entry.action}, ${entry.targetId},
          ${JSON.stringify(entry.details)}::jsonb, ${entry.createdAt}
        from users where id = ${entry.adminId}`.pipe(Effect.orDie, Effect.asVoid)

    const list = (window: OffsetLimit, action: string | undefined) => {
      const matching = action === undefined ? sql`true` : sql`action = ${action}`
      return sql<AuditEntry & { readonly total: number }>`
        select (select count(*)::int from audit_log where ${matching}) as total, page.*
        from (select 1) one_row left join (
          select id, admin_id as "adminId", admin_email as "adminEmail", action, target_id as "targetId",
            details, created_at as "createdAt"
          from audit_log where ${matching}
          order by id desc limit ${window.limit} offset ${window.offset}
        ) page on true
        order by id desc`.pipe(Effect.map(toPageResult), Effect.orDie)
    }

    return { insert, list }
  }),
}) {}
