import { Schema } from "effect"
import { ScopeId } from "../../identity/Memberships/Model"
import { UserId } from "../../shared/Actor"
import type { OutboxEntry } from "../Outbox/Model"
import { UserPresence } from "../Presence/Model"

/** Something that is sent to those who are connected and stored nowhere. Services add theirs to this union. */
export const Notice = Schema.Union(
  Schema.Struct({ type: Schema.Literal("typing"), scopeId: ScopeId, userId: UserId }),
  Schema.Struct({ type: Schema.Literal("presence"), ...UserPresence.fields }),
)
export type Notice = typeof Notice.Type

/** Follows what one user sees, until it is unsubscribed. Its methods must not throw, and not wait. */
export interface Subscriber {
  readonly userId: UserId
  /** The only scope that it follows; undefined to follow everything that its user sees. */
  readonly scopeId: ScopeId | undefined
  /** Called with every entry that the user sees, in order. */
  readonly onEntry: (entry: OutboxEntry) => void
  readonly onNotice: (notice: Notice) => void
}

/** Whom a notice is for: those who see the scope, or of these one user. */
export const NoticeAudience = Schema.Struct({ scopeId: ScopeId, userId: Schema.optional(UserId) })
export type NoticeAudience = typeof NoticeAudience.Type
