import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit } from "../../shared/Page"
import { findOne, findPage, hasRow } from "../../shared/Rows"
import type { ChannelId } from "../Channels/Model"
import type { PostId } from "../Posts/Model"
import { MAX_UNREAD, ReadMarker } from "./Model"

export class ReadMarkersRepo extends Effect.Service<ReadMarkersRepo>()("ReadMarkersRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** The columns of the actor's marker `r` in channel `c`. */
    const columns = ({ userId }: Actor) => sql`
      c.id, c.type, r.post_id as "postId", r.read_at as "readAt",
      (select count(*) filter (where unread.author_id is distinct from ${userId} and unread.deleted_at is null)::int
       from (
         select p.author_id, p.deleted_at from posts p
         where p.channel_id = c.id and p.thread_id is null and p.position > coalesce(r.position, 0)
         order by p.thread_id, p.position limit ${MAX_UNREAD}
       ) unread) as "unreadCount"`

    const markerOf = ({ userId }: Actor) =>
      sql`left join read_markers r on r.channel_id = c.id and r.user_id = ${userId}`

    const find = (actor: Actor, id: ChannelId) =>
      sql`select ${columns(actor)} from channels c ${markerOf(actor)} where c.id = ${id}`.pipe(
        findOne(ReadMarker),
      )

    /** Lists the markers of the channels and conversations whose member the actor is, last active first. */
    const list = (actor: Actor, { limit, offset }: OffsetLimit) => {
      const own = sql`channels c join memberships m on m.scope_id = c.id and m.user_id = ${actor.userId}
        left join channel_overrides o on o.channel_id = c.id and o.user_id = m.user_id
        where m.role = 'owner' or (
          (c.permissions -> m.role ->> 'read')::boolean or 'read' = any(coalesce(o.allow, '{}'))
        ) and 'read' <> all(coalesce(o.deny, '{}'))`
      return sql`
        select (select count(*)::int from ${own}) as total, page.*
        from (select) one_row left join lateral (
          select ${columns(actor)}, c.active_at
          from (select c.* from ${own} order by c.active_at desc, c.id desc limit ${limit} offset ${offset}) c
            ${markerOf(actor)}
        ) page on true
        order by page.active_at desc, page.id desc`.pipe(findPage(ReadMarker))
    }

    /** Moves a marker to a post of the channel, unless it is further. Returns false if there is no such post. */
    const move = ({ userId }: Actor, channel: ChannelId, post: PostId, now: Date) =>
      sql`
        with target as (
          select first.id, first.position
          from posts p join posts first on first.id = coalesce(p.thread_id, p.id) join channels c on c.id = p.channel_id
          where p.id = ${uuidOrNull(post)} and p.channel_id = ${channel}
          for key share of c
        ), moved as (
          insert into read_markers (user_id, channel_id, post_id, position, read_at)
          select ${userId}::uuid, ${channel}::uuid, id, position, ${now}::timestamptz from target
          on conflict (user_id, channel_id) do update
            set post_id = excluded.post_id, position = excluded.position, read_at = excluded.read_at
            where read_markers.position < excluded.position
        )
        select id from target`.pipe(hasRow)

    return { find, list, move }
  }),
}) {}
