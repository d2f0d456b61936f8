import type { UserId } from "../../shared/Actor"

/** One thing that an administrator did. `details` is what JSON can hold, and no secret. */
export interface AuditEntry {
  readonly id: string
  readonly adminId: UserId
  /** The address that the administrator had then. */
  readonly adminEmail: string
  /** A verb and its object: `ban_user`. */
  readonly action: string
  readonly targetId: string
  readonly details: Readonly<Record<string, unknown>>
  readonly createdAt: Date
}
