import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import { ScopeId } from "../../identity/Memberships/Model"
import type { OrganizationId } from "../../identity/Organizations/Model"
import { type Actor, UserId } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit } from "../../shared/Page"
import { execute, findAll, findColumn, findOne, findPage } from "../../shared/Rows"
import {
  type Channel,
  ChannelAccess,
  type ChannelChange,
  type ChannelId,
  PermissionOverride,
  type RolePermissions,
  VisibleChannel,
} from "./Model"

/** The columns of channel `c` with scope `s` and the viewer's membership `m`. */
const columns = `
  c.id, c.type, c.name, c.description, s.parent_id as "organizationId", c.is_private as "isPrivate", m.role,
  c.created_at as "createdAt", c.updated_at as "updatedAt"`

const Reader = Schema.Struct({ scopeId: ScopeId, userId: UserId })

export class ChannelsRepo extends Effect.Service<ChannelsRepo>()("ChannelsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const channelColumns = sql.literal(columns)

    /** The channels `c` that the actor sees: their own, and the public ones of all users or their organizations. */
    const visible = ({ userId }: Actor) => sql`
      channels c join scopes s on s.id = c.id
        left join memberships m on m.scope_id = c.id and m.user_id = ${userId}
      where (m.id is not null or not c.is_private and (s.parent_id is null or exists (
        select from memberships o where o.scope_id = s.parent_id and o.user_id = ${userId})))`

    /** Lists the channels that the actor sees, without direct messages, newest first. */
    const list = (
      actor: Actor,
      organizationId: OrganizationId | undefined,
      { limit, offset }: OffsetLimit,
    ) => {
      const matching = sql`
        ${visible(actor)} and c.type <> 'direct'
          ${organizationId === undefined ? sql`` : sql`and s.parent_id = ${uuidOrNull(organizationId)}`}`
      return sql`
        select (select count(*)::int from ${matching}) as total, page.*
        from (select) one_row left join (
          select ${channelColumns} from ${matching} order by c.id desc limit ${limit} offset ${offset}
        ) page on true
        order by page.id desc`.pipe(findPage(VisibleChannel))
    }

    /** Finds a channel that the actor sees, with what decides about their permissions in it. */
    const find = (actor: Actor, id: ChannelId) =>
      sql`
        select v.*, coalesce(o.allow, '{}') as allow, coalesce(o.deny, '{}') as deny
        from (select ${channelColumns}, c.permissions from ${visible(actor)} and c.id = ${uuidOrNull(id)}) v
          left join channel_overrides o on o.channel_id = v.id and o.user_id = ${actor.userId}`.pipe(
        findOne(ChannelAccess),
      )

    const insert = (channel: Channel, permissions: RolePermissions) =>
      sql`
        insert into channels
          (id, type, name, description, is_private, permissions, created_at, updated_at, active_at)
        values (${channel.id}, ${channel.type}, ${channel.name}, ${channel.description}, ${channel.isPrivate},
          ${JSON.stringify(permissions)}::jsonb, ${channel.createdAt}, ${channel.createdAt}, ${channel.createdAt})`.pipe(
        execute,
      )

    const update = (id: ChannelId, { name, description, type, isPrivate }: ChannelChange, now: Date) =>
      sql`
        update channels set
          name = coalesce(${name ?? null}, name), type = coalesce(${type ?? null}, type),
          is_private = coalesce(${isPrivate ?? null}::boolean, is_private),
          description = case when ${description !== undefined} then ${description ?? null} else description end,
          updated_at = ${now}
        where id = ${id}`.pipe(execute)

    /** Lists the permissions that single users have or lack, different from their role's. */
    const listOverrides = (id: ChannelId) =>
      sql`
        select user_id as "userId", allow, deny from channel_overrides where channel_id = ${id}
        order by user_id`.pipe(findAll(PermissionOverride))

    /** Returns how many of the users exist, and keeps them from being deleted until the transaction ends. */
    const countUsers = (ids: ReadonlyArray<UserId>) =>
      sql`
        select id from users where id = any(${ids.flatMap((id) => uuidOrNull(id) ?? [])}::uuid[])
        order by id for key share`.pipe(
        findColumn("id", UserId),
        Effect.map(({ length }) => length),
      )

    /** Replaces what the roles permit and what single users may do. */
    const setPermissions = (
      id: ChannelId,
      roles: RolePermissions,
      overrides: ReadonlyArray<PermissionOverride>,
      now: Date,
    ) =>
      Effect.gen(function* () {
        yield* sql`
          update channels set permissions = ${JSON.stringify(roles)}::jsonb, updated_at = ${now}
          where id = ${id}`.pipe(execute)
        yield* sql`delete from channel_overrides where channel_id = ${id}`.pipe(execute)
        yield* sql`
          insert into channel_overrides (channel_id, user_id, allow, deny)
          select ${id}::uuid, o."userId", o.allow, o.deny
          from jsonb_to_recordset(${JSON.stringify(overrides)}::jsonb) o ("userId" uuid, allow text[], deny text[])`.pipe(
          execute,
        )
      })

    /**
     * The memberships `m` of users who may read the scope, as `permissionsOf` decides about a channel; everyone
     * reads other scopes that they are in.
     */
    const readers = sql`
      memberships m left join channels c on c.id = m.scope_id
        left join channel_overrides o on o.channel_id = m.scope_id and o.user_id = m.user_id
      where (c.id is null or m.role = 'owner'
        or ((c.permissions -> m.role ->> 'read')::boolean or 'read' = any(coalesce(o.allow, '{}')))
          and not 'read' = any(coalesce(o.deny, '{}')))`

    /** Lists the members of scopes who may read them. */
    const listReaders = (ids: ReadonlyArray<ScopeId>) =>
      sql`
        select m.scope_id as "scopeId", m.user_id as "userId" from ${readers}
          and m.scope_id = any(${ids}::uuid[])`.pipe(findAll(Reader))

    /** Lists the scopes of a user that they may read. */
    const listReadableScopeIds = (userId: UserId) =>
      sql`select m.scope_id as "scopeId" from ${readers} and m.user_id = ${userId}`.pipe(
        findColumn("scopeId", ScopeId),
      )

    return {
      list,
      find,
      insert,
      update,
      listOverrides,
      countUsers,
      setPermissions,
      listReaders,
      listReadableScopeIds,
    }
  }),
}) {}
