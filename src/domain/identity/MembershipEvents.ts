import { Context, type Effect } from "effect"
import type { UserId } from "../shared/Actor"
import type { Scope } from "./Memberships/Model"

/**
 * Records changes of members, in the transactions that make them. Messaging implements it with its outbox, which
 * is above memberships.
 */
export class MembershipEvents extends Context.Tag("MembershipEvents")<
  MembershipEvents,
  {
    readonly added: (scope: Scope, userId: UserId) => Effect.Effect<void>
    readonly removed: (scope: Scope, userId: UserId) => Effect.Effect<void>
    /** Records that a scope was deleted which had these members. */
    readonly deleted: (scope: Scope, memberIds: ReadonlyArray<UserId>) => Effect.Effect<void>
  }
>() {}
