import { Schema } from "effect"
import { UserId } from "../../shared/Actor"

/** Stands for the server's operator, who acts by commands and variables and has no account. */
export const operator = {
  userId: UserId.make("00000000-0000-0000-0000-000000000000"),
  email: "operator",
}

/** One action of an administrator or of the server's operator. `details` must be JSON-serializable and free of secrets. */
export const AuditEntry = Schema.Struct({
  id: Schema.String,
  adminId: UserId,
  /** The administrator's email address at that time; `operator` for the server's operator. */
  adminEmail: Schema.String,
  /** A verb and its object, such as `ban_user`. */
  action: Schema.String,
  targetId: Schema.String,
  details: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
  /** The network address of the request; null for what no request caused. */
  ip: Schema.NullOr(Schema.String),
  createdAt: Schema.DateFromSelf,
})
export type AuditEntry = typeof AuditEntry.Type

/** Selects entries; an absent field selects all. */
export interface AuditFilter {
  readonly action?: string | undefined
  /** The administrator who acted. */
  readonly adminId?: UserId | undefined
  /** From this time on. */
  readonly from?: Date | undefined
  /** Up to this time, inclusively. */
  readonly to?: Date | undefined
}

/** What a check of the whole chain found. */
export const ChainStatus = Schema.Struct({
  entries: Schema.Int,
  /** The hash of the last entry, hexadecimal. To compare later: entries at the end leave no trace when removed. */
  lastHash: Schema.NullOr(Schema.String),
  /** The first entry that was altered, or before which entries were removed. */
  brokenAt: Schema.NullOr(Schema.Struct({ id: Schema.String, reason: Schema.Literal("altered", "gap") })),
  /** Whether an entry has the hash that was asked for; true if none was. */
  hasHash: Schema.Boolean,
})
export type ChainStatus = typeof ChainStatus.Type
