import type { UserId } from "../../shared/Actor"

/** One action of an administrator. `details` must be JSON-serializable and free of secrets. */
export interface AuditEntry {
  readonly id: string
  readonly adminId: UserId
  /** The administrator's email address at that time. */
  readonly adminEmail: string
  /** A verb and its object, such as `ban_user`. */
  readonly action: string
  readonly targetId: string
  readonly details: Readonly<Record<string, unknown>>
  readonly createdAt: Date
}
