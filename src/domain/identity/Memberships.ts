import { SqlClient } from "@effect/sql"
import { DateTime, Effect, Option } from "effect"
import { type Actor, type UserId, UserNotFound } from "../shared/Actor"
import { ChangeFeed } from "../shared/ChangeFeed"
import { IdGenerator } from "../shared/Ids"
import type { OffsetLimit } from "../shared/Page"
import { withTransaction } from "../shared/Transaction"
import { AlreadyMember, LastOwner, MemberNotFound, ScopeNotFound } from "./Memberships/Errors"
import {
  type Permission,
  type RoleIn,
  type Scope,
  ScopeId,
  type ScopeKind,
  type UserKey,
} from "./Memberships/Model"
import { requireCovers, requirePermission } from "./Memberships/Policy"
import { MembershipsRepo } from "./Memberships/Repo"

/**
 * Decides who belongs to an organization, a team, a project or a channel, with which role, and what that permits.
 * To anyone who is not a member a scope looks as if it did not exist. Every change runs in one transaction
 * with the scope's row locked, so that concurrent changes cannot break a rule together.
 */
export class Memberships extends Effect.Service<Memberships>()("Memberships", {
  dependencies: [MembershipsRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* MembershipsRepo
    const ids = yield* IdGenerator
    const feed = yield* ChangeFeed

    /** Tells the members, and others if given, that a scope changed. Nobody follows teams; channels have the outbox. */
    const publish = Effect.fnUntraced(function* (
      { kind, id }: Scope,
      action: "updated" | "deleted",
      userIds: ReadonlyArray<UserId> = [],
    ) {
      if (kind === "team" || kind === "channel") return
      yield* feed.publish({
        entity: kind,
        action,
        id,
        userIds,
        ...(action === "deleted" ? {} : { scopeId: id }),
      })
    })

    /** Creates a scope with the actor as its owner. Call it in the transaction that inserts what has the id. */
    const create = Effect.fn("Memberships.create")(function* (actor: Actor, kind: ScopeKind) {
      const id = ScopeId.make(yield* ids.generate)
      yield* repo.insertScope({ kind, id })
      yield* repo.insert(yield* ids.generate, id, actor.userId, "owner", yield* DateTime.nowAsDate)
      return id
    })

    /** Returns the actor's role; none if they are not a member or the scope does not exist. */
    const roleOf = Effect.fn("Memberships.roleOf")(<K extends ScopeKind>(actor: Actor, scope: Scope<K>) =>
      repo.findRole(scope, actor.userId),
    )

    /** Requires that the actor is a member. Returns their role. */
    const requireMember = Effect.fn("Memberships.requireMember")(
      <K extends ScopeKind>(actor: Actor, scope: Scope<K>) =>
        Effect.mapError(Effect.flatten(roleOf(actor, scope)), () => new ScopeNotFound(scope)),
    )

    const requirePermitted = Effect.fnUntraced(function* <K extends ScopeKind>(
      actor: Actor,
      scope: Scope<K>,
      permission: Permission,
    ) {
      const role = yield* requireMember(actor, scope)
      yield* requirePermission(scope.kind, role, permission)
      return role
    })

    const lockScope = (scope: Scope, mode: "for update" | "for key share") =>
      Effect.filterOrFail(
        repo.lockScope(scope, mode),
        (exists) => exists,
        () => new ScopeNotFound(scope),
      )

    /** Locks the scope until the transaction ends, so that changes of its members run one after another. */
    const lock = Effect.fn("Memberships.lock")((scope: Scope) => lockScope(scope, "for update"))

    /**
     * Requires that the actor is a member, and stays one until the transaction ends: neither the members nor
     * the existence of the scope change before. Other members may write at the same time. Returns the role.
     */
    const lockMember = Effect.fn("Memberships.lockMember")(function* <K extends ScopeKind>(
      actor: Actor,
      scope: Scope<K>,
    ) {
      yield* lockScope(scope, "for key share")
      return yield* requireMember(actor, scope)
    })

    /**
     * Requires that the actor is a member whose role has the permission, and stays one like `lockMember`. Call
     * it in the transaction that does what is permitted. Returns the role.
     */
    const authorize = Effect.fn("Memberships.authorize")(function* <K extends ScopeKind>(
      actor: Actor,
      scope: Scope<K>,
      permission: Permission,
    ) {
      const role = yield* lockMember(actor, scope)
      yield* requirePermission(scope.kind, role, permission)
      return role
    })

    /** Requires that the actor may give others the role in this scope. Call it with the scope locked. */
    const authorizeGrant = Effect.fn("Memberships.authorizeGrant")(function* <K extends ScopeKind>(
      actor: Actor,
      scope: Scope<K>,
      role: RoleIn<K>,
    ) {
      yield* requireCovers(scope.kind, yield* requirePermitted(actor, scope, "manage_members"), role)
    })

    /** Adds a user without asking who may. Call it in a transaction that has locked the scope. */
    const admit = Effect.fn("Memberships.admit")(function* <K extends ScopeKind>(
      scope: Scope<K>,
      userId: UserId,
      role: RoleIn<K>,
    ) {
      const inserted = yield* repo.insert(
        yield* ids.generate,
        scope.id,
        userId,
        role,
        yield* DateTime.nowAsDate,
      )
      if (!inserted) return yield* new AlreadyMember()
      yield* publish(scope, "updated")
      return yield* Effect.orDie(Effect.flatten(repo.findMember(scope, userId)))
    })

    /** Lists the members in the order in which they joined. */
    const list = Effect.fn("Memberships.list")(function* <K extends ScopeKind>(
      actor: Actor,
      scope: Scope<K>,
      range?: OffsetLimit,
    ) {
      yield* requireMember(actor, scope)
      return yield* repo.list(scope, range)
    })

    /** Adds an existing user. Nobody grants a role that permits more than their own. */
    const add = Effect.fn("Memberships.add")(function* <K extends ScopeKind>(
      actor: Actor,
      scope: Scope<K>,
      key: UserKey,
      role: RoleIn<K>,
    ) {
      yield* lock(scope)
      yield* authorizeGrant(actor, scope, role)
      const user = yield* Effect.mapError(yield* repo.findUser(key), () => new UserNotFound())
      return yield* admit(scope, user.id, role)
    }, transaction)

    /** Requires that the scope keeps an owner when this member is one no longer. */
    const requireOtherOwner = Effect.fnUntraced(function* (
      scope: Scope,
      member: { readonly userId: UserId; readonly role: string },
    ) {
      if (member.role !== "owner" || (yield* repo.hasOtherOwner(scope, member.userId))) return
      return yield* new LastOwner(scope)
    })

    const findMember = <K extends ScopeKind>(scope: Scope<K>, userId: UserId) =>
      Effect.mapError(Effect.flatten(repo.findMember(scope, userId)), () => new MemberNotFound())

    /** Changes a member's role. Fails with `LastOwner` if there would be no owner left. */
    const changeRole = Effect.fn("Memberships.changeRole")(function* <K extends ScopeKind>(
      actor: Actor,
      scope: Scope<K>,
      userId: UserId,
      role: RoleIn<K>,
    ) {
      yield* lock(scope)
      const own = yield* requirePermitted(actor, scope, "manage_members")
      const member = yield* findMember(scope, userId)
      yield* requireCovers(scope.kind, own, member.role)
      yield* requireCovers(scope.kind, own, role)
      if (role !== "owner") yield* requireOtherOwner(scope, member)
      yield* repo.updateRole(member.id, role)
      yield* publish(scope, "updated")
      return { ...member, role }
    }, transaction)

    /** Removes a member, or lets the actor leave. Fails with `LastOwner` if there would be no owner left. */
    const remove = Effect.fn("Memberships.remove")(function* <K extends ScopeKind>(
      actor: Actor,
      scope: Scope<K>,
      userId: UserId,
    ) {
      yield* lock(scope)
      const own = yield* requireMember(actor, scope)
      const member = yield* Effect.option(findMember(scope, userId))
      const isLeaving = Option.exists(member, (found) => found.userId === actor.userId)
      if (!isLeaving) yield* requirePermission(scope.kind, own, "manage_members")
      const { id, role, userId: removed } = yield* Effect.mapError(member, () => new MemberNotFound())
      yield* requireCovers(scope.kind, own, role)
      yield* requireOtherOwner(scope, { role, userId: removed })
      yield* repo.remove(id)
      yield* publish(scope, "updated")
      yield* publish(scope, "deleted", [removed])
    }, transaction)

    /** Deletes the scope and, by cascade, its members and what has its id. */
    const deleteScope = Effect.fn("Memberships.deleteScope")(function* (actor: Actor, scope: Scope) {
      yield* lock(scope)
      yield* requirePermitted(actor, scope, "delete")
      yield* publish(scope, "deleted", yield* repo.memberIds(scope.id))
      yield* repo.deleteScope(scope.id)
    }, transaction)

    return {
      create,
      roleOf,
      requireMember,
      lockMember,
      authorize,
      authorizeGrant,
      lock,
      admit,
      list,
      memberIds: repo.memberIds,
      publish,
      add,
      changeRole,
      remove,
      deleteScope,
    }
  }),
}) {}
