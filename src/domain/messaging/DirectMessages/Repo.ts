import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import { type Actor, UserId } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit } from "../../shared/Page"
import { findColumn, findOne, findPage, hasRow } from "../../shared/Rows"
import { type Channel, ChannelId, type RolePermissions } from "../Channels/Model"
import { DirectMessage } from "./Model"

/** The columns of direct channel `c`. */
const columns = `
  c.id, c.created_at as "createdAt", c.active_at as "activeAt",
  (select jsonb_agg(
     jsonb_build_object('id', u.id, 'username', u.username, 'name', u.name, 'avatarUrl', u.avatar_url) order by u.id)
   from memberships p join users u on u.id = p.user_id where p.scope_id = c.id) as participants`

export class DirectMessagesRepo extends Effect.Service<DirectMessagesRepo>()("DirectMessagesRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const directColumns = sql.literal(columns)

    /** The direct channels `c` of the actor. */
    const own = ({ userId }: Actor) => sql`
      channels c join memberships m on m.scope_id = c.id and m.user_id = ${userId} where c.type = 'direct'`

    /** Lists the actor's conversations, last active first. */
    const list = (actor: Actor, { limit, offset }: OffsetLimit) =>
      sql`
        select (select count(*)::int from ${own(actor)}) as total, page.*
        from (select) one_row left join (
          select ${directColumns} from ${own(actor)} order by c.active_at desc, c.id desc limit ${limit} offset ${offset}
        ) page on true
        order by page."activeAt" desc, page.id desc`.pipe(findPage(DirectMessage))

    const find = (actor: Actor, id: ChannelId) =>
      sql`select ${directColumns} from ${own(actor)} and c.id = ${uuidOrNull(id)}`.pipe(
        findOne(DirectMessage),
      )

    /** Finds the conversation of exactly these people. */
    const findByParticipants = (ids: ReadonlyArray<UserId>) =>
      sql`select id from channels where participant_ids = ${ids}::uuid[]`.pipe(
        findOne(Schema.Struct({ id: ChannelId })),
      )

    /** Returns those of the users who exist, in order, and keeps them from being deleted until the transaction ends. */
    const lockUsers = (ids: ReadonlyArray<UserId>) =>
      sql`
        select id from users where id = any(${ids.flatMap((id) => uuidOrNull(id) ?? [])}::uuid[])
        order by id for key share`.pipe(findColumn("id", UserId))

    /** Inserts the conversation of these people. Returns false if they have one already. */
    const insert = (channel: Channel, ids: ReadonlyArray<UserId>, permissions: RolePermissions) =>
      sql`
        insert into channels
          (id, type, is_private, participant_ids, permissions, created_at, updated_at, active_at)
        values (${channel.id}, 'direct', true, ${ids}::uuid[], ${JSON.stringify(permissions)}::jsonb,
          ${channel.createdAt}, ${channel.createdAt}, ${channel.createdAt})
        on conflict (participant_ids) do nothing returning id`.pipe(hasRow)

    return { list, find, findByParticipants, lockUsers, insert }
  }),
}) {}
