import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { MemberOf } from "../../../domain/identity/Memberships/Model"
import { OrganizationId } from "../../../domain/identity/Organizations/Model"
import {
  ChannelFields,
  ChannelId,
  ChannelPermission,
  ChannelRole,
  ChannelType,
} from "../../../domain/messaging/Channels/Model"
import { UserId } from "../../../domain/shared/Actor"
import { example } from "../../../http/Example"
import { Fields, optional, optionalRenamed, renamed, reportWithFieldErrors } from "../../../http/Fields"

export const channelExample = {
  id: "019bc0f1-2d07-7c3a-9d52-4c6e8a0b2d77",
  name: "general",
  description: "Everything that concerns everyone",
  type: "text",
  organization_id: null,
  is_private: false,
  role: "owner",
  created_at: "2026-01-15T09:30:00.000Z",
  updated_at: "2026-01-15T09:30:00.000Z",
}

export const ChannelBody = Schema.Struct({
  id: ChannelId,
  name: Schema.NullOr(Schema.String),
  description: Schema.NullOr(Schema.String),
  type: ChannelType.annotations({ description: "The kind; people can talk in every channel" }),
  organizationId: renamed("organization_id", Schema.NullOr(OrganizationId)).annotations({
    description: "The organization that it belongs to, if any",
  }),
  isPrivate: renamed("is_private", Schema.Boolean).annotations({
    description: "Whether only members see it, and not all members of the organization or all users",
  }),
  role: Schema.NullOr(ChannelRole).annotations({
    description: "The caller's role; null if they are not a member",
  }),
  createdAt: renamed("created_at", Schema.Date),
  updatedAt: renamed("updated_at", Schema.Date),
}).annotations({ identifier: "PlexiChatChannel", ...example(channelExample) })

export const channelId = HttpApiSchema.param(
  "id",
  ChannelId.annotations({ description: "The channel's id", ...example(channelExample.id) }),
)

const docs = {
  name: { description: "The name, 1 to 80 characters" },
  description: { description: "What it is about; null for none" },
  type: { description: "The kind of channel; people can talk in every one" },
  isPrivate: { description: "Whether only members see it" },
}

export const NewChannelBody = Fields({
  name: renamed("name", ChannelFields.name).annotations(docs.name),
  description: optionalRenamed("description", ChannelFields.description).annotations(docs.description),
  type: Schema.optionalWith(ChannelFields.type, { exact: true, default: () => "text" as const }).annotations(
    docs.type,
  ),
  organizationId: optional(Schema.NullOr(OrganizationId))
    .annotations({ description: "The organization that it belongs to; null for none" })
    .pipe(Schema.fromKey("organization_id")),
  isPrivate: Schema.optionalWith(Schema.Boolean, { exact: true, default: () => false })
    .annotations(docs.isPrivate)
    .pipe(Schema.fromKey("is_private")),
}).annotations(
  example({
    name: channelExample.name,
    description: channelExample.description,
    type: "text",
    is_private: false,
  }),
)

export const ChannelChangeBody = Fields({
  name: optionalRenamed("name", ChannelFields.name).annotations(docs.name),
  description: optionalRenamed("description", ChannelFields.description).annotations(docs.description),
  type: optionalRenamed("type", ChannelFields.type).annotations(docs.type),
  isPrivate: optionalRenamed("is_private", Schema.Boolean).annotations(docs.isPrivate),
}).annotations(example({ name: "lobby", description: null }))

const memberExample = {
  user_id: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
  display_name: "Ada Lovelace",
  avatar_url: null,
  role: "member",
  joined_at: "2026-01-15T09:30:00.000Z",
}

const member = MemberOf("channel").fields

export const ChannelMemberBody = Schema.Struct({
  userId: renamed("user_id", member.userId),
  name: renamed("display_name", member.name),
  avatarUrl: renamed("avatar_url", member.avatarUrl),
  role: member.role,
  joinedAt: renamed("joined_at", Schema.Date),
}).annotations({ identifier: "PlexiChatChannelMember", ...example(memberExample) })

export const memberId = HttpApiSchema.param(
  "user_id",
  UserId.annotations({ description: "The member's user id", ...example(memberExample.user_id) }),
)

export const NewMemberBody = Fields({
  userId: renamed("user_id", UserId).annotations({
    description: "The user's id; one's own to join a public channel",
  }),
  role: Schema.optionalWith(ChannelRole, { exact: true, default: () => "member" as const }).annotations({
    description: "The role, which may not permit more than the caller's",
  }),
}).annotations(example({ user_id: memberExample.user_id, role: "member" }))

const permissionDocs: Readonly<Record<ChannelPermission, string>> = {
  read: "To read messages",
  send_messages: "To send messages and replies",
  add_reactions: "To react to messages",
  attach_files: "To attach files to messages",
  use_voice: "To take part in voice",
  manage_messages: "To delete messages of others",
  manage_members: "To add and remove members",
  manage_channel: "To change the channel and these permissions, and to delete it",
}

const flag = (permission: ChannelPermission) =>
  Schema.Boolean.annotations({ description: permissionDocs[permission] })

const flags = {
  read: flag("read"),
  send_messages: flag("send_messages"),
  add_reactions: flag("add_reactions"),
  attach_files: flag("attach_files"),
  use_voice: flag("use_voice"),
  manage_messages: flag("manage_messages"),
  manage_members: flag("manage_members"),
  manage_channel: flag("manage_channel"),
}

const RoleFlags = Schema.Struct(flags)

const allFlags = Object.fromEntries(ChannelPermission.literals.map((permission) => [permission, true]))
const memberFlags = { ...allFlags, manage_messages: false, manage_members: false, manage_channel: false }

const overrideExample = { user_id: memberExample.user_id, allow: ["manage_messages"], deny: ["attach_files"] }

const PermissionList = Schema.Array(ChannelPermission)
const allow = { description: "What the user may do in addition to their role" }
const deny = { description: "What the user may not do despite their role and `allow`" }

export const PermissionsBody = Schema.Struct({
  roles: Schema.Struct({ owner: RoleFlags, admin: RoleFlags, member: RoleFlags }).annotations({
    description: "What each role permits",
  }),
  overrides: Schema.Array(
    Schema.Struct({
      userId: renamed("user_id", UserId).annotations({ description: "The user that the exception is for" }),
      allow: PermissionList.annotations(allow),
      deny: PermissionList.annotations(deny),
    }),
  ).annotations({ description: "What single users may do, whatever their role" }),
}).annotations({
  identifier: "PlexiChatChannelPermissions",
  ...example({
    roles: { owner: allFlags, admin: allFlags, member: memberFlags },
    overrides: [overrideExample],
  }),
})

const RoleFlagsChange = Schema.partialWith(RoleFlags, { exact: true })

/** Changes for a role; that of the owners permits everything. */
const OwnerFlagsChange = RoleFlagsChange.pipe(
  Schema.filter((change) => !Object.values(change).includes(false) || "must keep all permissions"),
)

/** Overrides, at most one for each user. */
const OverridesChange = Schema.Array(
  Schema.Struct({
    userId: renamed("user_id", UserId).annotations({ description: "The user that the exception is for" }),
    allow: Schema.optionalWith(PermissionList, { exact: true, default: () => [] }).annotations(allow),
    deny: Schema.optionalWith(PermissionList, { exact: true, default: () => [] }).annotations(deny),
  }),
).pipe(
  Schema.maxItems(1000, { message: () => "must be at most 1000 overrides" }),
  Schema.filter(
    (overrides) =>
      new Set(overrides.map(({ userId }) => userId.toLowerCase())).size === overrides.length ||
      "must name each user once",
    reportWithFieldErrors,
  ),
)

export const PermissionsChangeBody = Fields({
  roles: optional(
    Schema.Struct({
      owner: optional(OwnerFlagsChange).annotations({ description: "What owners may do: everything" }),
      admin: optional(RoleFlagsChange).annotations({ description: "What admins may do" }),
      member: optional(RoleFlagsChange).annotations({ description: "What members may do" }),
    }),
  ).annotations({ description: "What roles permit; what is absent stays. Owners keep all" }),
  overrides: optional(OverridesChange).annotations({
    description: "What single users may do, instead of all current exceptions",
  }),
}).annotations(example({ roles: { member: { attach_files: false } }, overrides: [] }))
