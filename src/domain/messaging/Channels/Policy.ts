import { Effect } from "effect"
import { NotPermitted } from "../../identity/Memberships/Errors"
import {
  type ChannelAccess,
  ChannelPermission,
  type ChannelPermissions,
  type PermissionOverride,
  type RolePermissions,
} from "./Model"

const everyPermission: ReadonlyArray<ChannelPermission> = ChannelPermission.literals

/**
 * Returns what a user may do in a channel that they see: what their role permits, and what they are allowed
 * in addition, without what they are denied. Owners may do everything; other users than members may only read.
 */
const permissionsOf = ({
  role,
  permissions,
  allow,
  deny,
}: Pick<ChannelAccess, "role" | "permissions" | "allow" | "deny">): ReadonlySet<ChannelPermission> => {
  if (role === "owner") return new Set(everyPermission)
  const granted = everyPermission.filter(
    (permission) => permissions[role ?? "member"][permission] || allow.includes(permission),
  )
  return new Set(
    granted.filter((permission) => !deny.includes(permission) && (role !== null || permission === "read")),
  )
}

/** Requires that a user who sees the channel may do all of this in it. */
export const requirePermissions = (
  access: ChannelAccess,
  ...required: ReadonlyArray<ChannelPermission>
): Effect.Effect<void, NotPermitted> => {
  const permitted = permissionsOf(access)
  return required.every((permission) => permitted.has(permission)) ? Effect.void : new NotPermitted()
}

const rolesDiffer = (a: RolePermissions, b: RolePermissions, permission: ChannelPermission) =>
  a.admin[permission] !== b.admin[permission] || a.member[permission] !== b.member[permission]

/** Lists who is allowed and who is denied a permission, to compare. */
const exceptions = (overrides: ReadonlyArray<PermissionOverride>, permission: ChannelPermission) =>
  overrides
    .flatMap(({ userId, allow, deny }) => [
      ...(allow.includes(permission) ? [`+${userId}`] : []),
      ...(deny.includes(permission) ? [`-${userId}`] : []),
    ])
    .sort()
    .join()

/** Returns the permissions that differ between two states of a channel, for anybody. */
export const changedPermissions = (
  before: ChannelPermissions,
  after: ChannelPermissions,
): ReadonlyArray<ChannelPermission> =>
  everyPermission.filter(
    (permission) =>
      rolesDiffer(before.roles, after.roles, permission) ||
      exceptions(before.overrides, permission) !== exceptions(after.overrides, permission),
  )
