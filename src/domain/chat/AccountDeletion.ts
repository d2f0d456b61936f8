import { SqlClient } from "@effect/sql"
import { Data, Effect } from "effect"
import { Conversations } from "../conversations/Conversations"
import { Generations } from "../generation/Generations"
import { AccountClosures } from "../identity/AccountClosures"
import { Memberships } from "../identity/Memberships"
import { Sessions } from "../identity/Sessions"
import { Users } from "../identity/Users"
import type { User } from "../identity/Users/Model"
import { Audit } from "../operations/Audit"
import type { Actor, UserId } from "../shared/Actor"
import { requireAdmin } from "../shared/Policy"
import { withTransaction } from "../shared/Transaction"

/** The user became a member of another scope after their scopes were locked. */
class JoinedConcurrently extends Data.TaggedError("JoinedConcurrently") {}

/**
 * Deletes accounts with all their data. What a user shares with others passes to one of them. The blobs of
 * files are deleted by garbage collection within seconds (files/Blobs.ts).
 */
export class AccountDeletion extends Effect.Service<AccountDeletion>()("AccountDeletion", {
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const users = yield* Users
    const sessions = yield* Sessions
    const memberships = yield* Memberships
    const conversations = yield* Conversations
    const generations = yield* Generations
    const closures = yield* AccountClosures
    const audit = yield* Audit

    /**
     * Deletes the rows. Lock order: scopes, conversations, user, as in every transaction that locks several of
     * them; then the outbox and the audit log. Ending a generation locks its conversation before the usage
     * account, which a cascade from the user would not.
     */
    const deleteRows = Effect.fnUntraced(function* (actor: Actor, { id }: User) {
      const scopes = yield* memberships.lockScopesOf(id)
      yield* conversations.removeAllOf(id)
      yield* users.lockForDeletion(id)
      if ((yield* memberships.lockScopesOf(id)).length > scopes.length) return yield* new JoinedConcurrently()
      const publishChanges = yield* memberships.removeFromAll(scopes, id)
      yield* users.remove(id)
      yield* closures.publish(id)
      yield* publishChanges
      if (id !== actor.userId) yield* audit.record(actor, "delete_user", id)
    }, transaction)

    /** Revokes the sessions and cancels the generations first, so that nothing new begins. */
    const deleteAccount = Effect.fnUntraced(function* (actor: Actor, userId: UserId) {
      const user = yield* users.getDeletable(userId)
      yield* sessions.revokeAll(user.id)
      yield* generations.stopAll({ ...actor, userId: user.id })
      yield* deleteRows(actor, user).pipe(
        Effect.retry({ while: ({ _tag }) => _tag === "JoinedConcurrently" }),
        Effect.catchTag("JoinedConcurrently", Effect.die),
        Effect.ensuring(sessions.invalidate(user.id)),
      )
    }, Effect.uninterruptible)

    /** Deletes the actor's account. Fails with `DeletionNotAllowed` for an administrator. */
    const deleteOwn = Effect.fn("AccountDeletion.deleteOwn")((actor: Actor) =>
      deleteAccount(actor, actor.userId),
    )

    /** Deletes a user's account. Requires an administrator; the accounts of administrators cannot be deleted. */
    const deleteUser = Effect.fn("AccountDeletion.deleteUser")(function* (actor: Actor, id: UserId) {
      yield* requireAdmin(actor)
      yield* deleteAccount(actor, id)
    })

    return { deleteOwn, deleteUser }
  }),
}) {}
