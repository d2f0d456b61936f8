import { SqlClient } from "@effect/sql"
import { DateTime, Effect, Option } from "effect"
import { type Actor, type UserId, UserNotFound } from "../shared/Actor"
import { ChangeFeed } from "../shared/ChangeFeed"
import { IdGenerator } from "../shared/Ids"
import type { OffsetLimit } from "../shared/Page"
import { withTransaction } from "../shared/Transaction"
import { MembershipEvents } from "./MembershipEvents"
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
 * with the scope's row locked, so that concurrent changes cannot break a rule.
 */
export class Memberships extends Effect.Service<Memberships>()("Memberships", {
  dependencies: [MembershipsRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* MembershipsRepo
    const ids = yield* IdGenerator
    const feed = yield* ChangeFeed
    const events = yield* MembershipEvents

    /** Notifies the members, and other users, that a scope changed. Changes of teams are not published; channels have the outbox. */
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

    /** Creates a scope with these members, all of one role. Call it in the transaction that inserts what has the id. */
    const createWith = Effect.fn("Memberships.createWith")(function* <K extends ScopeKind>(
      kind: K,
      userIds: ReadonlyArray<UserId>,
      role: RoleIn<K>,
      parentId: ScopeId | null = null,
    ) {
      const id = ScopeId.make(yield* ids.generate)
      yield* repo.insertScope({ kind, id }, parentId)
      const now = yield* DateTime.nowAsDate
      for (const userId of userIds) yield* repo.insert(yield* ids.generate, id, userId, role, now)
      return id
    })

    /** Creates a scope with the actor as its owner, optionally inside of another one, with which it will be deleted. */
    const create = Effect.fn("Memberships.create")((actor: Actor, kind: ScopeKind, parentId?: ScopeId) =>
      createWith(kind, [actor.userId], "owner", parentId),
    )

    /** Returns the actor's role; none if they are not a member or the scope does not exist. */
    const roleOf = Effect.fn("Memberships.roleOf")(<K extends ScopeKind>(actor: Actor, scope: Scope<K>) =>
      repo.findRole(scope, actor.userId),
    )

    /** Returns whether a user is a member, without a check of permission. */
    const isMember = Effect.fn("Memberships.isMember")((scope: Scope, userId: UserId) =>
      Effect.map(repo.findRole(scope, userId), Option.isSome),
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

    /** Keeps the members and the existence of the scope as they are until the transaction ends. Others may do the same. */
    const lockShared = Effect.fn("Memberships.lockShared")((scope: Scope) =>
      lockScope(scope, "for key share"),
    )

    /**
     * Requires that the actor is a member, and stays one until the transaction ends: neither the members nor
     * the existence of the scope change before. Other members may write at the same time. Returns the role.
     */
    const lockMember = Effect.fn("Memberships.lockMember")(function* <K extends ScopeKind>(
      actor: Actor,
      scope: Scope<K>,
    ) {
      yield* lockShared(scope)
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

    /** Adds a user without a check of permission. Call it in a transaction that has locked the scope. */
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
      yield* events.added(scope, userId)
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

    /** Returns an existing user, whose account is not deleted until the transaction ends. */
    const requireUser = Effect.fn("Memberships.requireUser")((key: UserKey) =>
      Effect.mapError(Effect.flatten(repo.findUser(key)), () => new UserNotFound()),
    )

    /** Adds an existing user. The role may not permit more than the actor's. */
    const add = Effect.fn("Memberships.add")(function* <K extends ScopeKind>(
      actor: Actor,
      scope: Scope<K>,
      key: UserKey,
      role: RoleIn<K>,
    ) {
      yield* lock(scope)
      yield* authorizeGrant(actor, scope, role)
      const user = yield* requireUser(key)
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

    /** Makes another member of an inner scope its owner, or else a manager of the outer scope. */
    const transferOwnership = Effect.fnUntraced(function* (scope: Scope, inner: Scope, userId: UserId) {
      const member = yield* repo.findSuccessor(inner, userId)
      if (Option.isSome(member)) return yield* repo.updateRole(member.value.id, "owner")
      const heir = yield* Effect.orDie(Effect.flatten(repo.findSuccessor(scope, userId)))
      const now = yield* DateTime.nowAsDate
      yield* repo.insert(yield* ids.generate, inner.id, heir.userId, "owner", now)
    })

    /**
     * Removes a member without a check of permission, also from inner scopes; what they alone own there
     * passes to another member. Call it last in a transaction that has locked the scope. Fails with `LastOwner`
     * if there would be no owner left.
     */
    const removeUnchecked = Effect.fn("Memberships.removeUnchecked")(function* (
      scope: Scope,
      member: { readonly id: string; readonly userId: UserId; readonly role: string },
    ) {
      const { userId } = member
      yield* requireOtherOwner(scope, member)
      yield* repo.remove(member.id)
      const innerScopes = yield* repo.innerScopes(scope, userId)
      for (const inner of innerScopes) {
        yield* repo.lockScope(inner, "for update")
        const membership = yield* repo.findMember(inner, userId)
        if (Option.isNone(membership)) continue
        const isOwner = membership.value.role === "owner"
        if (isOwner && !(yield* repo.hasOtherOwner(inner, userId)))
          yield* transferOwnership(scope, inner, userId)
        yield* repo.remove(membership.value.id)
      }
      yield* publish(scope, "updated")
      yield* publish(scope, "deleted", [userId])
      for (const left of [scope, ...innerScopes]) yield* events.removed(left, userId)
    })

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
      const found = yield* Effect.mapError(member, () => new MemberNotFound())
      yield* requireCovers(scope.kind, own, found.role)
      yield* removeUnchecked(scope, found)
    }, transaction)

    /** Deletes a scope without a check of permission. Returns the effect that notifies its former members. */
    const deleteWithoutEvents = Effect.fnUntraced(function* (scope: Scope) {
      const deleted = yield* Effect.forEach([scope, ...(yield* repo.innerScopes(scope))], (each) =>
        Effect.map(repo.memberIds(each.id), (memberIds) => ({ scope: each, memberIds })),
      )
      yield* repo.deleteScope(scope.id)
      return Effect.forEach(
        deleted,
        ({ scope, memberIds }) =>
          Effect.zipRight(publish(scope, "deleted", memberIds), events.deleted(scope, memberIds)),
        { discard: true },
      )
    })

    /**
     * Deletes a scope without a check of permission and, by cascade, its members, inner scopes and what has
     * their ids. Call it in a transaction that has locked the scope.
     */
    const deleteUnchecked = Effect.fn("Memberships.deleteUnchecked")((scope: Scope) =>
      Effect.flatten(deleteWithoutEvents(scope)),
    )

    /**
     * Removes a user, whose account is deleted, from a scope: what they alone own passes to the member who has
     * been an administrator for longest, or else a member; without other members it is deleted. Returns the
     * effect that notifies the others.
     */
    const removeUser = Effect.fnUntraced(function* (scope: Scope, userId: UserId) {
      const member = Option.getOrUndefined(yield* repo.findMember(scope, userId))
      // It was deleted with the scope that it was inside of.
      if (member === undefined) return Effect.void
      const successor = Option.getOrUndefined(yield* repo.findSuccessor(scope, userId))
      if (successor === undefined) return yield* deleteWithoutEvents(scope)
      if (member.role === "owner" && !(yield* repo.hasOtherOwner(scope, userId)))
        yield* repo.updateRole(successor.id, "owner")
      yield* repo.remove(member.id)
      return Effect.zipRight(publish(scope, "updated"), events.removed(scope, userId))
    })

    /**
     * Removes a user, whose account is deleted, from these scopes, which `lockScopesOf` has locked. Returns the
     * effect that notifies the others; run it last in the transaction.
     */
    const removeFromAll = Effect.fn("Memberships.removeFromAll")(function* (
      scopes: ReadonlyArray<Scope>,
      userId: UserId,
    ) {
      return Effect.all(yield* Effect.forEach(scopes, (scope) => removeUser(scope, userId)), {
        discard: true,
      })
    })

    /** Deletes the scope and, by cascade, its members, the scopes inside of it and what has their ids. */
    const deleteScope = Effect.fn("Memberships.deleteScope")(function* (actor: Actor, scope: Scope) {
      yield* lock(scope)
      yield* requirePermitted(actor, scope, "delete")
      yield* deleteUnchecked(scope)
    }, transaction)

    return {
      create,
      createWith,
      roleOf,
      isMember,
      requireMember,
      lockMember,
      authorize,
      authorizeGrant,
      requireCovers,
      requireUser,
      findMember,
      lock,
      lockShared,
      admit,
      removeUnchecked,
      deleteUnchecked,
      list,
      listAll: repo.list,
      memberIds: repo.memberIds,
      publish,
      add,
      changeRole,
      remove,
      deleteScope,
      lockScopesOf: repo.lockScopesOf,
      removeFromAll,
    }
  }),
}) {}
