import { SqlClient } from "@effect/sql"
import { Data, Effect } from "effect"
import { Conversations } from "../conversations/Conversations"
import { Generations } from "../generation/Generations"
import { Memberships } from "../identity/Memberships"
import { Sessions } from "../identity/Sessions"
import { Users } from "../identity/Users"
import type { User } from "../identity/Users/Model"
import { Audit } from "../operations/Audit"
import type { Actor, UserId } from "../shared/Actor"
import { withTransaction } from "../shared/Transaction"

/** The user became a member of something after its scopes were locked. */
class JoinedMeanwhile extends Data.TaggedError("JoinedMeanwhile") {}

/**
 * Deletes accounts with everything of theirs. What a user shares with others passes to one of them. The blobs
 * of files are deleted by garbage collection within seconds (files/Blobs.ts).
 */
export class AccountDeletion extends Effect.Service<AccountDeletion>()("AccountDeletion", {
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const users = yield* Users
    const sessions = yield* Sessions
    const memberships = yield* Memberships
    const conversations = yield* Conversations
    const generations = yield* Generations
    const audit = yield* Audit

    /**
     * Deletes the rows. Lock order: scopes, conversations, user, as everything else that locks several of them;
     * then the outbox and the audit log. Ending a generation locks its conversation before the usage account, which a cascade from
     * the user would not.
     */
    const deleteRows = Effect.fnUntraced(function* (actor: Actor, { id }: User) {
      const scopes = yield* memberships.lockScopesOf(id)
      yield* conversations.removeAllOf(id)
      yield* users.lockForDeletion(id)
      if ((yield* memberships.lockScopesOf(id)).length > scopes.length) return yield* new JoinedMeanwhile()
      const tellOthers = yield* memberships.abandonAll(scopes, id)
      yield* users.remove(id)
      yield* tellOthers
      if (id !== actor.userId) yield* audit.record(actor, "delete_user", id)
    }, transaction)

    /**
     * Deletes the actor's account or, by an administrator, a user's. Revokes the sessions and cancels the
     * generations first, so that nothing new begins. Administrators' accounts cannot be deleted.
     */
    const deleteAccount = Effect.fn("AccountDeletion.deleteAccount")(function* (
      actor: Actor,
      userId: UserId,
    ) {
      const user = yield* users.getDeletable(actor, userId)
      yield* sessions.revokeAll(user.id)
      yield* generations.stopAll({ ...actor, userId: user.id })
      yield* deleteRows(actor, user).pipe(
        Effect.retry({ while: ({ _tag }) => _tag === "JoinedMeanwhile" }),
        Effect.catchTag("JoinedMeanwhile", Effect.die),
        Effect.ensuring(sessions.invalidate(user.id)),
      )
    }, Effect.uninterruptible)

    return { deleteAccount }
  }),
}) {}
