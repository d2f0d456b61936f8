import { SqlClient } from "@effect/sql"
import { DateTime, Effect } from "effect"
import { UserId } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import { execute, findAll, findColumn, hasRow } from "../../shared/Rows"
import { OFFLINE_DELAY, type PresenceChange, PresenceScopes, UserPresence } from "./Model"

/** Now, and the time before which a closed connection and an unrenewed lease count no more. */
const times = Effect.map(DateTime.now, (now) => ({
  now: DateTime.toDate(now),
  expired: DateTime.toDate(DateTime.subtractDuration(now, OFFLINE_DELAY)),
}))

export class PresenceRepo extends Effect.Service<PresenceRepo>()("PresenceRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** Whether connection `c` with the lease `l` of its node counts. */
    const counts = (expired: Date) => sql`
      case when c.disconnected_at is null then coalesce(l.renewed_at > ${expired}, false)
        else c.disconnected_at > ${expired} end`

    const connections = sql.literal("presence_connections c left join presence_leases l using (node_id)")

    /** Finds how users appear. Users who do not exist are missing. */
    const find = Effect.fnUntraced(function* (ids: ReadonlyArray<UserId>) {
      const { now, expired } = yield* times
      return yield* sql`
        select v.id as "userId", v.status, case when v.status <> 'offline' then v.status_text end as "statusText",
          case when v.status <> 'offline' then ${now}::timestamptz
            when v.is_invisible then v.last_seen_at
            else greatest(v.last_seen_at, v.seen_at) end as "lastSeenAt"
        from (
          select u.id, p.status_text, p.last_seen_at, s.seen_at, coalesce(p.status = 'invisible', false) as is_invisible,
            case when s.is_connected and p.status <> 'invisible' then p.status else 'offline' end as status
          from users u left join presences p on p.user_id = u.id, lateral (
            select bool_or(${counts(expired)}) as is_connected,
              max(coalesce(c.disconnected_at, l.renewed_at)) as seen_at
            from ${connections} where c.user_id = u.id
          ) s
          where u.id = any(${ids.flatMap((id) => uuidOrNull(id) ?? [])}::uuid[])
        ) v`.pipe(findAll(UserPresence))
    })

    /** Renews the lease of a node. Returns whether it is a new one, because there was none or it has expired. */
    const renew = Effect.fnUntraced(function* (nodeId: number) {
      const { now } = yield* times
      return yield* sql`
        with renewed as (
          insert into presence_leases (node_id, renewed_at) values (${nodeId}, ${now})
          on conflict (node_id) do update set renewed_at = excluded.renewed_at
          returning xmax = 0 as is_new
        )
        select from renewed where is_new`.pipe(hasRow)
    })

    /**
     * Connects users to a node; or lets them count as connected for a while, if `isOpen` is false. Those who were
     * offline begin with the status `online`. Returns these.
     */
    const connect = Effect.fnUntraced(function* (
      nodeId: number,
      ids: ReadonlyArray<UserId>,
      isOpen: boolean,
    ) {
      const { now, expired } = yield* times
      return yield* sql`
        with arrived as (
          select u.id from users u
          where u.id = any(${ids}::uuid[])
            and not exists (select from ${connections} where c.user_id = u.id and ${counts(expired)})
        ), connected as (
          insert into presence_connections as c (user_id, node_id, disconnected_at)
          select id, ${nodeId}::bigint, ${isOpen ? null : now}::timestamptz from users
          where id = any(${ids}::uuid[]) order by id
          on conflict (user_id, node_id) do update set disconnected_at = excluded.disconnected_at
            where c.disconnected_at is not null
        ), initialized as (
          insert into presences (user_id, status) select id, 'online' from arrived order by id
          on conflict (user_id) do update set status = excluded.status, status_text = null
        )
        select id from arrived`.pipe(findColumn("id", UserId))
    })

    /** Lets the connections of users to a node count only for a while from now on. */
    const disconnect = Effect.fnUntraced(function* (nodeId: number, ids: ReadonlyArray<UserId>) {
      const { now } = yield* times
      yield* sql`
        update presence_connections set disconnected_at = ${now}
        where node_id = ${nodeId} and user_id = any(${ids}::uuid[]) and disconnected_at is null`.pipe(execute)
    })

    /** Does that for all users of a node that stops, and ends its lease. */
    const release = Effect.fnUntraced(function* (nodeId: number) {
      const { now } = yield* times
      yield* sql`
        with released as (delete from presence_leases where node_id = ${nodeId})
        update presence_connections set disconnected_at = ${now}
        where node_id = ${nodeId} and disconnected_at is null`.pipe(execute)
    })

    /** Updates what a connected user has set. A user who becomes invisible was last seen now. */
    const update = Effect.fnUntraced(function* (id: UserId, { status, statusText }: PresenceChange) {
      const { now } = yield* times
      const stored = status === "offline" ? "invisible" : (status ?? null)
      yield* sql`
        update presences set
          status = coalesce(${stored}, status),
          status_text = case when ${statusText !== undefined} then ${statusText || null} else status_text end,
          last_seen_at = case when ${stored === "invisible"} and status <> 'invisible' then ${now}
            else last_seen_at end
        where user_id = ${id}`.pipe(execute)
    })

    /**
     * Deletes the connections that count no more and the leases that expired. Returns the users who went offline
     * for everyone by that: of several nodes that do it at once, one returns them.
     */
    const expire = Effect.fnUntraced(function* () {
      const { expired } = yield* times
      return yield* sql`
        with expired_leases as (
          select node_id, renewed_at from presence_leases where renewed_at <= ${expired} for update skip locked
        ), expired_connections as (
          select c.user_id, c.node_id, coalesce(c.disconnected_at, e.renewed_at) as seen_at
          from presence_connections c left join expired_leases e using (node_id)
          where c.disconnected_at <= ${expired} or c.disconnected_at is null and (
            e.node_id is not null or not exists (select from presence_leases l where l.node_id = c.node_id))
          for update of c skip locked
        ), deleted_leases as (
          delete from presence_leases where node_id in (select node_id from expired_leases)
        ), deleted_connections as (
          delete from presence_connections c using expired_connections e
          where c.user_id = e.user_id and c.node_id = e.node_id
        ), seen as (
          select user_id, max(seen_at) as seen_at,
            exists (select from ${connections} where c.user_id = e.user_id and ${counts(expired)}) as is_connected
          from expired_connections e group by user_id order by user_id
        ), updated as (
          update presences p set
            last_seen_at = case when p.status = 'invisible' then p.last_seen_at
              else greatest(p.last_seen_at, s.seen_at) end,
            status = case when s.is_connected then p.status else 'online' end,
            status_text = case when s.is_connected then p.status_text end
          from seen s where p.user_id = s.user_id
        )
        select p.user_id from seen s join presences p using (user_id)
        where not s.is_connected and p.status <> 'invisible'`.pipe(findColumn("user_id", UserId))
    })

    /** Finds the channels, conversations and organizations of users. */
    const findScopes = (ids: ReadonlyArray<UserId>) =>
      sql`
        select m.user_id as "userId", array_agg(m.scope_id) as "scopeIds"
        from memberships m join scopes s on s.id = m.scope_id
        where m.user_id = any(${ids}::uuid[]) and s.kind in ('channel', 'organization')
        group by m.user_id`.pipe(findAll(PresenceScopes))

    return { find, renew, connect, disconnect, release, update, expire, findScopes }
  }),
}) {}
