import { SqlClient } from "@effect/sql"
import { DateTime, Effect } from "effect"
import { Memberships } from "../identity/Memberships"
import { NotPermitted, ScopeNotFound } from "../identity/Memberships/Errors"
import { type OrganizationId, organizationScope } from "../identity/Organizations/Model"
import { type Actor, type UserId, UserNotFound } from "../shared/Actor"
import type { OffsetLimit } from "../shared/Page"
import { withTransaction } from "../shared/Transaction"
import { NotInOrganization } from "./Channels/Errors"
import {
  type Channel,
  type ChannelAccess,
  type ChannelChange,
  ChannelId,
  type ChannelPermission,
  type ChannelPermissions,
  type ChannelRole,
  channelScope,
  defaultPermissions,
  type NewChannel,
  type VisibleChannel,
} from "./Channels/Model"
import { changedPermissions, requirePermissions } from "./Channels/Policy"
import { ChannelsRepo } from "./Channels/Repo"
import { Outbox } from "./Outbox"

/** Returns a channel as everyone sees it, for events. */
const publicFields = ({
  id,
  type,
  name,
  description,
  organizationId,
  isPrivate,
  createdAt,
  updatedAt,
}: Channel): Channel => ({ id, type, name, description, organizationId, isPrivate, createdAt, updatedAt })

/**
 * Manages channels, their members and what these may do. Public channels are visible, readable and joinable for
 * all users, or for the members of their organization; to anyone else a channel looks as if it did not exist.
 */
export class Channels extends Effect.Service<Channels>()("Channels", {
  dependencies: [ChannelsRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* ChannelsRepo
    const memberships = yield* Memberships
    const outbox = yield* Outbox

    const notFound = () => new ScopeNotFound({ kind: "channel" })

    /** Requires that the actor sees the channel, which may be a direct one. */
    const findAny = (actor: Actor, id: ChannelId) =>
      Effect.mapError(Effect.flatten(repo.find(actor, id)), notFound)

    /** Requires that the actor sees the channel. Direct ones, whose members and settings never change, look missing. */
    const find = (actor: Actor, id: ChannelId) =>
      Effect.filterOrFail(findAny(actor, id), ({ type }) => type !== "direct", notFound)

    /** Requires that the actor sees the channel, which may be a direct one, and has all of these permissions. */
    const authorize = Effect.fn("Channels.authorize")(function* (
      actor: Actor,
      id: ChannelId,
      ...required: ReadonlyArray<ChannelPermission>
    ) {
      const access = yield* findAny(actor, id)
      yield* requirePermissions(access, ...required)
      return access
    })

    const toVisible = ({ role, ...access }: ChannelAccess): VisibleChannel => ({
      ...publicFields(access),
      role,
    })

    /** Lists the channels that the actor sees, optionally of one organization, newest first. */
    const list = Effect.fn("Channels.list")(
      (actor: Actor, organizationId: OrganizationId | undefined, range: OffsetLimit) =>
        repo.list(actor, organizationId, range),
    )

    /** Creates a channel that the actor owns. One of an organization requires a member of it. */
    const create = Effect.fn("Channels.create")(function* (actor: Actor, input: NewChannel) {
      const { organizationId = null } = input
      if (organizationId !== null) {
        yield* memberships.authorize(actor, organizationScope(organizationId), "write")
      }
      const now = yield* DateTime.nowAsDate
      const channel: Channel = {
        id: ChannelId.make(yield* memberships.create(actor, "channel", organizationId ?? undefined)),
        type: input.type ?? "text",
        name: input.name,
        description: input.description ?? null,
        organizationId,
        isPrivate: input.isPrivate ?? false,
        createdAt: now,
        updatedAt: now,
      }
      yield* repo.insert(channel, defaultPermissions)
      const isOfOrganization = organizationId !== null && !channel.isPrivate
      const scopeId = isOfOrganization ? organizationId : channel.id
      yield* outbox.append({ scopeId }, { type: "channel_created", channel })
      const created: VisibleChannel = { ...channel, role: "owner" }
      return created
    }, transaction)

    /** Returns a channel that the actor sees. */
    const get = Effect.fn("Channels.get")((actor: Actor, id: ChannelId) =>
      Effect.map(find(actor, id), toVisible),
    )

    const lockAndAuthorize = Effect.fnUntraced(function* (
      actor: Actor,
      id: ChannelId,
      ...required: ReadonlyArray<ChannelPermission>
    ) {
      yield* memberships.lock(channelScope(id))
      const access = yield* find(actor, id)
      yield* requirePermissions(access, ...required)
      return access
    })

    /** Updates the provided fields; a `description` of null removes it. Requires `manage_channel`. */
    const update = Effect.fn("Channels.update")(function* (
      actor: Actor,
      id: ChannelId,
      change: ChannelChange,
    ) {
      yield* lockAndAuthorize(actor, id, "manage_channel")
      yield* repo.update(id, change, yield* DateTime.nowAsDate)
      const updated = yield* get(actor, id)
      yield* outbox.append(
        { scopeId: updated.id },
        { type: "channel_updated", channel: publicFields(updated) },
      )
      return updated
    }, transaction)

    /** Deletes a channel with its messages. Requires `manage_channel`. */
    const deleteChannel = Effect.fn("Channels.delete")(function* (actor: Actor, id: ChannelId) {
      const access = yield* lockAndAuthorize(actor, id, "manage_channel")
      yield* memberships.deleteUnchecked(channelScope(access.id))
    }, transaction)

    /** Lists the members in the order in which they joined. */
    const listMembers = Effect.fn("Channels.listMembers")(function* (
      actor: Actor,
      id: ChannelId,
      range: OffsetLimit,
    ) {
      yield* find(actor, id)
      return yield* memberships.listAll(channelScope(id), range)
    })

    /**
     * Adds a user. Requires `manage_members`, and a role that permits no more than the actor's; a user who
     * sees and may read a public channel may join it. Members of an organization's channel must be members of the
     * organization.
     */
    const addMember = Effect.fn("Channels.addMember")(function* (
      actor: Actor,
      id: ChannelId,
      userId: UserId,
      role: ChannelRole,
    ) {
      const { organizationId } = yield* find(actor, id)
      if (organizationId !== null) yield* memberships.lockShared(organizationScope(organizationId))
      const isSelf = userId.toLowerCase() === actor.userId
      const access = yield* lockAndAuthorize(
        actor,
        id,
        isSelf && role === "member" ? "read" : "manage_members",
      )
      yield* memberships.requireCovers("channel", access.role ?? "member", role)
      const user = yield* memberships.requireUser({ userId })
      if (organizationId !== null) {
        const isMember = yield* memberships.isMember(organizationScope(organizationId), user.id)
        if (!isMember) return yield* new NotInOrganization()
      }
      return yield* memberships.admit(channelScope(access.id), user.id, role)
    }, transaction)

    /** Removes a member, which requires `manage_members`, or lets the actor leave. */
    const removeMember = Effect.fn("Channels.removeMember")(function* (
      actor: Actor,
      id: ChannelId,
      userId: UserId,
    ) {
      const isSelf = userId.toLowerCase() === actor.userId
      const access = yield* lockAndAuthorize(actor, id, ...(isSelf ? [] : (["manage_members"] as const)))
      const member = yield* memberships.findMember(channelScope(access.id), userId)
      if (access.role === null) return yield* new NotPermitted()
      yield* memberships.requireCovers("channel", access.role, member.role)
      yield* memberships.removeUnchecked(channelScope(access.id), member)
    }, transaction)

    /** Returns what the roles permit and the permissions in which single users differ from theirs. */
    const permissions = Effect.fn("Channels.permissions")(function* (actor: Actor, id: ChannelId) {
      const access = yield* find(actor, id)
      const current: ChannelPermissions = {
        roles: access.permissions,
        overrides: yield* repo.listOverrides(access.id),
      }
      return current
    })

    /**
     * Changes what the provided roles permit, and replaces what single users may do if that is provided. Requires
     * `manage_channel`; a permission can be changed only by those who have it. Owners keep all.
     */
    const setPermissions = Effect.fn("Channels.setPermissions")(function* (
      actor: Actor,
      id: ChannelId,
      change: {
        readonly roles?: Partial<Record<ChannelRole, Partial<ChannelPermissions["roles"]["member"]>>>
        readonly overrides?: ChannelPermissions["overrides"]
      },
    ) {
      const access = yield* lockAndAuthorize(actor, id, "manage_channel")
      const before = yield* permissions(actor, id)
      const { owner, admin, member } = before.roles
      const after: ChannelPermissions = {
        roles: {
          owner,
          admin: { ...admin, ...change.roles?.admin },
          member: { ...member, ...change.roles?.member },
        },
        overrides: change.overrides ?? before.overrides,
      }
      yield* requirePermissions(access, ...changedPermissions(before, after))
      const userIds = after.overrides.map(({ userId }) => userId)
      if ((yield* repo.countUsers(userIds)) < userIds.length) return yield* new UserNotFound()
      yield* repo.setPermissions(access.id, after.roles, after.overrides, yield* DateTime.nowAsDate)
      const channel = yield* get(actor, id)
      yield* outbox.append(
        { scopeId: channel.id },
        { type: "channel_updated", channel: publicFields(channel) },
      )
      return yield* permissions(actor, id)
    }, transaction)

    return {
      authorize,
      list,
      create,
      get,
      update,
      delete: deleteChannel,
      listMembers,
      addMember,
      removeMember,
      permissions,
      setPermissions,
      listReaders: repo.listReaders,
      listReadableScopeIds: repo.listReadableScopeIds,
    }
  }),
}) {}
