import { Schema } from "effect"
import { ScopeId } from "../../identity/Memberships/Model"
import { UserId } from "../../shared/Actor"

/**
 * Something that happened, with what a screen needs to show it. Services add their events to this union.
 */
export const MessagingEvent = Schema.Union(
  Schema.Struct({ type: Schema.Literal("member_added", "member_removed"), scopeId: ScopeId, userId: UserId }),
)
export type MessagingEvent = typeof MessagingEvent.Type

/** Who sees an event: the members of a scope, and single users besides. */
export interface Audience {
  readonly scopeId?: ScopeId
  readonly userIds?: ReadonlyArray<UserId>
}

/** An event as it was written. */
export const OutboxEntry = Schema.Struct({
  /** Grows in the order of commits, with gaps. */
  seq: Schema.Int,
  scopeId: Schema.NullOr(ScopeId),
  userIds: Schema.Array(UserId),
  event: MessagingEvent,
  createdAt: Schema.DateFromSelf,
})
export type OutboxEntry = typeof OutboxEntry.Type
