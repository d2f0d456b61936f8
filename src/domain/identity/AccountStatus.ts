import type { SqlClient } from "@effect/sql"
import { Schema } from "effect"

/** A suspended account cannot sign in for some time, a banned one never. */
export const AccountStatus = Schema.Literal("active", "suspended", "banned")
export type AccountStatus = typeof AccountStatus.Type

/** An account's status as it is stored: a suspension that is over stays until the next change. */
export const StoredStatus = Schema.Struct({
  status: AccountStatus,
  statusReason: Schema.NullOr(Schema.String),
  statusSince: Schema.NullOr(Schema.DateFromSelf),
  /** When a suspension ends by itself; null if only an administrator ends it. */
  statusUntil: Schema.NullOr(Schema.DateFromSelf),
})
export type StoredStatus = typeof StoredStatus.Type

export const activeStatus: StoredStatus = {
  status: "active",
  statusReason: null,
  statusSince: null,
  statusUntil: null,
}

/** Returns an account's status at a time. */
export const statusAt = ({ status, statusReason, statusSince, statusUntil }: StoredStatus, now: Date) =>
  statusUntil !== null && statusUntil <= now
    ? activeStatus
    : { status, statusReason, statusSince, statusUntil }

/** Builds the condition that user `u` is neither suspended nor banned. */
export const isActiveAt = (sql: SqlClient.SqlClient, now: Date) =>
  sql`(u.status = 'active' or u.status_until <= ${now})`
