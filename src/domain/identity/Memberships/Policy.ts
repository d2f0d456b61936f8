import { Effect } from "effect"
import { NotPermitted } from "./Errors"
import { type Permission, type RoleIn, rolePermissions, type ScopeKind } from "./Model"

const permissionsOf = <K extends ScopeKind>(kind: K, role: RoleIn<K>): ReadonlyArray<Permission> =>
  rolePermissions[kind][role] as ReadonlyArray<Permission>

export const requirePermission = <K extends ScopeKind>(
  kind: K,
  role: RoleIn<K>,
  permission: Permission,
): Effect.Effect<void, NotPermitted> =>
  permissionsOf(kind, role).includes(permission) ? Effect.void : new NotPermitted()

/**
 * Requires that a role permits everything that another one does. Nobody grants a role, and nobody changes a
 * member with a role, that permits more than their own.
 */
export const requireCovers = <K extends ScopeKind>(
  kind: K,
  own: RoleIn<K>,
  other: RoleIn<K>,
): Effect.Effect<void, NotPermitted> => {
  const permitted = new Set(permissionsOf(kind, own))
  return permissionsOf(kind, other).every((permission) => permitted.has(permission))
    ? Effect.void
    : new NotPermitted()
}
