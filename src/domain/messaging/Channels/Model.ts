import { Schema } from "effect"
import { RoleIn, type Scope, ScopeId } from "../../identity/Memberships/Model"
import { OrganizationId } from "../../identity/Organizations/Model"
import { UserId } from "../../shared/Actor"
import { StoredTime } from "../../shared/Rows"
import { MultilineText, SingleLineText } from "../../shared/Text"

export const ChannelId = ScopeId.pipe(Schema.brand("ChannelId"))
export type ChannelId = typeof ChannelId.Type

export const ChannelRole = RoleIn("channel")
export type ChannelRole = typeof ChannelRole.Type

/** Returns the scope of a channel's members. */
export const channelScope = (id: ChannelId): Scope<"channel"> => ({ kind: "channel", id })

/** What a user may do in a channel. Those who manage it may change and delete it. */
export const ChannelPermission = Schema.Literal(
  "read",
  "send_messages",
  "add_reactions",
  "attach_files",
  "use_voice",
  "manage_messages",
  "manage_members",
  "manage_channel",
)
export type ChannelPermission = typeof ChannelPermission.Type

const PermissionSet = Schema.Record({ key: ChannelPermission, value: Schema.Boolean })
type PermissionSet = typeof PermissionSet.Type

/** What each role permits. Owners may do everything, whatever their entry contains. */
export const RolePermissions = Schema.Record({ key: ChannelRole, value: PermissionSet })
export type RolePermissions = typeof RolePermissions.Type

/** The permissions that one user has or lacks, different from their role's. Denying wins over allowing. */
export const PermissionOverride = Schema.Struct({
  userId: UserId,
  allow: Schema.Array(ChannelPermission),
  deny: Schema.Array(ChannelPermission),
})
export type PermissionOverride = typeof PermissionOverride.Type

export interface ChannelPermissions {
  readonly roles: RolePermissions
  readonly overrides: ReadonlyArray<PermissionOverride>
}

const everything: PermissionSet = {
  read: true,
  send_messages: true,
  add_reactions: true,
  attach_files: true,
  use_voice: true,
  manage_messages: true,
  manage_members: true,
  manage_channel: true,
}

/** What the roles of a new channel permit. */
export const defaultPermissions: RolePermissions = {
  owner: everything,
  admin: everything,
  member: { ...everything, manage_messages: false, manage_members: false, manage_channel: false },
}

/** Direct messages are channels without a name, whose members never change. */
export const ChannelType = Schema.Literal("text", "voice", "direct")
export type ChannelType = typeof ChannelType.Type

/** Schemas of the fields that a user provides. */
export const ChannelFields = {
  name: SingleLineText(1, 80),
  description: Schema.NullOr(MultilineText(0, 1000)),
  type: Schema.Literal("text", "voice"),
}

export const Channel = Schema.Struct({
  id: ChannelId,
  type: ChannelType,
  /** Null for direct messages. */
  name: Schema.NullOr(Schema.String),
  description: Schema.NullOr(Schema.String),
  /** The organization whose members see the channel while it is public; null for one of all users. */
  organizationId: Schema.NullOr(OrganizationId),
  isPrivate: Schema.Boolean,
  createdAt: StoredTime,
  updatedAt: StoredTime,
})
export type Channel = typeof Channel.Type

/** A channel as a user sees it: with their role, which is null for those who are not members. */
export const VisibleChannel = Schema.Struct({ ...Channel.fields, role: Schema.NullOr(ChannelRole) })
export type VisibleChannel = typeof VisibleChannel.Type

/** A channel with what decides about a user's permissions in it. */
export const ChannelAccess = Schema.Struct({
  ...VisibleChannel.fields,
  permissions: RolePermissions,
  allow: Schema.Array(ChannelPermission),
  deny: Schema.Array(ChannelPermission),
})
export type ChannelAccess = typeof ChannelAccess.Type

export interface NewChannel {
  readonly name: string
  readonly description?: string | null
  readonly type?: typeof ChannelFields.type.Type
  readonly organizationId?: OrganizationId | null
  readonly isPrivate?: boolean
}

export type ChannelChange = Partial<Pick<NewChannel, "name" | "description" | "type" | "isPrivate">>
