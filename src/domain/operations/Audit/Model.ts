import { Schema } from "effect"
import { UserId } from "../../shared/Actor"

/** One action of an administrator. `details` must be JSON-serializable and free of secrets. */
export const AuditEntry = Schema.Struct({
  id: Schema.String,
  adminId: UserId,
  /** The administrator's email address at that time. */
  adminEmail: Schema.String,
  /** A verb and its object, such as `ban_user`. */
  action: Schema.String,
  targetId: Schema.String,
  details: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
  createdAt: Schema.DateFromSelf,
})
export type AuditEntry = typeof AuditEntry.Type
