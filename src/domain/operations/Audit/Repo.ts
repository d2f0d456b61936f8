import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { OffsetLimit } from "../../shared/Page"
import { execute, findPage } from "../../shared/Rows"
import { AuditEntry } from "./Model"

export class AuditRepo extends Effect.Service<AuditRepo>()("AuditRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** Inserts an entry with the administrator's current email address. */
    const insert = (entry: Omit<AuditEntry, "adminEmail">) =>
      sql`
        insert into audit_log (id, admin_id, admin_email, action, target_id, details, created_at)
        select ${entry.id}::uuid, id, email, ${entry.action}, ${entry.targetId},
          ${JSON.stringify(entry.details)}::jsonb, ${entry.createdAt}
        from users where id = ${entry.adminId}`.pipe(execute)

    const list = (window: OffsetLimit, action: string | undefined) => {
      const matching = action === undefined ? sql`true` : sql`action = ${action}`
      return sql`
        select (select count(*)::int from audit_log where ${matching}) as total, page.*
        from (select 1) one_row left join (
          select id, admin_id as "adminId", admin_email as "adminEmail", action, target_id as "targetId",
            details, created_at as "createdAt"
          from audit_log where ${matching}
          order by id desc limit ${window.limit} offset ${window.offset}
        ) page on true
        order by id desc`.pipe(findPage(AuditEntry))
    }

    return { insert, list }
  }),
}) {}
