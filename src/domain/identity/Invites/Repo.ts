import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit } from "../../shared/Page"
import { findOne, findPage, hasRow } from "../../shared/Rows"
import type { OrganizationId } from "../Organizations/Model"
import { Invite, type InviteId, type InviteStatus } from "./Model"

export class InvitesRepo extends Effect.Service<InvitesRepo>()("InvitesRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** Builds the condition that invite `i` is for the actor's verified email address. */
    const isFor = (actor: Actor) =>
      sql`i.email = (select email from users where id = ${actor.userId} and email_verified_at is not null)`

    const isPending = (now: Date) => sql`i.status = 'pending' and i.expires_at > ${now}`

    const columns = sql.literal(
      `i.id, i.organization_id as "organizationId", o.name as "organizationName", i.email, i.role, i.status,
       i.invited_by as "invitedBy", i.created_at as "createdAt", i.expires_at as "expiresAt"`,
    )

    /** Lists the pending invites for the actor, newest first. */
    const list = (actor: Actor, now: Date, { limit, offset }: OffsetLimit) => {
      const own = sql`
        invites i join organizations o on o.id = i.organization_id where ${isFor(actor)} and ${isPending(now)}`
      return sql`
        select (select count(*)::int from ${own}) as total, page.*
        from (select) one_row left join (
          select ${columns} from ${own} order by i.id desc limit ${limit} offset ${offset}
        ) page on true
        order by page.id desc`.pipe(findPage(Invite))
    }

    /** Inserts an invite and returns it with the names that its mail contains. */
    const insert = (invite: Omit<Invite, "organizationName">) =>
      sql`
        with inserted as (
          insert into invites (id, organization_id, email, role, status, invited_by, created_at, expires_at)
          values (${invite.id}, ${invite.organizationId}, ${invite.email}, ${invite.role}, ${invite.status},
                  ${invite.invitedBy}, ${invite.createdAt}, ${invite.expiresAt})
        )
        select o.name as "organizationName", u.name as "inviterName" from organizations o, users u
        where o.id = ${invite.organizationId} and u.id = ${invite.invitedBy}`.pipe(
        findOne(Schema.Struct({ organizationName: Schema.String, inviterName: Schema.String })),
        Effect.flatten,
        Effect.orDie,
      )

    const isInvited = (organizationId: OrganizationId, email: string, now: Date) =>
      sql`
        select i.id from invites i
        where i.organization_id = ${organizationId} and i.email = ${email} and ${isPending(now)} limit 1`.pipe(
        hasRow,
      )

    const isMember = (organizationId: OrganizationId, email: string) =>
      sql`
        select m.id from memberships m join users u on u.id = m.user_id
        where m.scope_id = ${organizationId} and u.email = ${email}`.pipe(hasRow)

    /** Finds the organization of an invite for the actor. */
    const findFor = (actor: Actor, id: InviteId) =>
      sql`
        select i.organization_id as "organizationId", i.role from invites i
        where i.id = ${uuidOrNull(id)} and ${isFor(actor)}`.pipe(
        findOne(Invite.pipe(Schema.pick("organizationId", "role"))),
      )

    const findIn = (organizationId: OrganizationId, id: InviteId) =>
      sql`select id from invites where id = ${uuidOrNull(id)} and organization_id = ${organizationId}`.pipe(
        hasRow,
      )

    /** Ends a pending invite. Returns false if it is not pending any more. */
    const end = (id: InviteId, status: Exclude<InviteStatus, "pending">, now: Date) =>
      sql`update invites i set status = ${status} where i.id = ${id} and ${isPending(now)} returning i.id`.pipe(
        hasRow,
      )

    return { list, insert, isInvited, isMember, findFor, findIn, end }
  }),
}) {}
