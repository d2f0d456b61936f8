import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit } from "../../shared/Page"
import { findOne, findPage } from "../../shared/Rows"
import { Organization, type OrganizationChange, OrganizationId, type OrganizationKey } from "./Model"

export class OrganizationsRepo extends Effect.Service<OrganizationsRepo>()("OrganizationsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** The columns of organization `o`, seen by the member `m`. */
    const columns = sql.literal(
      `o.id, o.name, o.slug, o.logo, m.role, o.created_at as "createdAt", o.updated_at as "updatedAt"`,
    )

    /** Lists the organizations that the actor is a member of, newest first. */
    const list = (actor: Actor, { limit, offset }: OffsetLimit) => {
      const own = sql`organizations o join memberships m on m.scope_id = o.id and m.user_id = ${actor.userId}`
      return sql`
        select (select count(*)::int from ${own}) as total, page.*
        from (select) one_row left join (
          select ${columns} from ${own} order by o.id desc limit ${limit} offset ${offset}
        ) page on true
        order by page.id desc`.pipe(findPage(Organization))
    }

    /** Builds the condition that organization `o` has this id or this slug. No slug looks like an id. */
    const hasKey = (key: OrganizationKey) =>
      sql`(o.id = ${uuidOrNull(key)} or o.slug = ${/^[a-z0-9-]+$/.test(key) ? key : null})`

    const findId = (key: OrganizationKey) =>
      sql`select o.id from organizations o where ${hasKey(key)}`.pipe(
        findOne(Schema.Struct({ id: OrganizationId })),
      )

    const find = (actor: Actor, key: OrganizationKey) =>
      sql`
        select ${columns} from organizations o join memberships m on m.scope_id = o.id
        where ${hasKey(key)} and m.user_id = ${actor.userId}`.pipe(findOne(Organization))

    /**
     * Inserts an organization under the first free one of `slug`, `slug-2`, `slug-3` …, and returns that; if
     * `isReserved`, the slug itself counts as taken. Returns none if another one took it concurrently.
     */
    const insert = (organization: Omit<Organization, "role">, isReserved: boolean) =>
      sql`
        with candidates as (
          select n, ${organization.slug}::text || case when n = 1 then '' else '-' || n end as slug
          from generate_series(${isReserved ? 2 : 1}::int, 2 + (
            select count(*)::int from organizations where starts_with(slug, ${organization.slug}::text)
          )) n
        )
        insert into organizations (id, name, slug, logo, created_at, updated_at)
        select ${organization.id}::uuid, ${organization.name}, c.slug, ${organization.logo},
          ${organization.createdAt}::timestamptz, ${organization.createdAt}::timestamptz
        from candidates c
        where not exists (select from organizations o where o.slug = c.slug)
        order by c.n limit 1
        on conflict (slug) do nothing
        returning slug`.pipe(findOne(Schema.Struct({ slug: Schema.String })))

    const update = (actor: Actor, id: OrganizationId, { name, logo }: OrganizationChange, now: Date) =>
      sql`
        update organizations o set
          name = coalesce(${name ?? null}, name),
          logo = case when ${logo !== undefined} then ${logo ?? null} else logo end,
          updated_at = ${now}
        from memberships m
        where o.id = ${id} and m.scope_id = o.id and m.user_id = ${actor.userId}
        returning ${columns}`.pipe(findOne(Organization))

    return { list, findId, find, insert, update }
  }),
}) {}
