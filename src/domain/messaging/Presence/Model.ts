import { Duration, Schema } from "effect"
import { ScopeId } from "../../identity/Memberships/Model"
import { UserId } from "../../shared/Actor"
import { StoredTime } from "../../shared/Rows"
import { SingleLineText } from "../../shared/Text"

/** How long users stay online after their last connection closed, and after their node was last alive. */
export const OFFLINE_DELAY = Duration.seconds(30)

/** How a user appears to everyone. */
const PresenceStatus = Schema.Literal("online", "away", "busy", "offline")

/** What users set: `offline` and `invisible` are the same, and everyone sees them as offline. */
export const SettableStatus = Schema.Literal(...PresenceStatus.literals, "invisible")
export type SettableStatus = typeof SettableStatus.Type

export const StatusText = Schema.NullOr(SingleLineText(0, 140))

/** Whether a user is there, as everyone sees it. */
export const UserPresence = Schema.Struct({
  userId: UserId,
  status: PresenceStatus,
  /** Null while the user is offline. */
  statusText: Schema.NullOr(Schema.String),
  /** Now, or when the user was last seen as anything but offline; null for never. */
  lastSeenAt: Schema.NullOr(StoredTime),
})
export type UserPresence = typeof UserPresence.Type

/** The scopes that a user is a member of, whose other members see their presence. */
export const PresenceScopes = Schema.Struct({ userId: UserId, scopeIds: Schema.Array(ScopeId) })

/** What a user changes; a `statusText` of null removes it. */
export interface PresenceChange {
  readonly status?: SettableStatus
  readonly statusText?: string | null
}
