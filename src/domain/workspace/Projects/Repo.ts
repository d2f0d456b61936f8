import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit } from "../../shared/Page"
import { execute, findColumn, findOne, findPage } from "../../shared/Rows"
import { Project, type ProjectChange, type ProjectFilter, type ProjectId } from "./Model"

export class ProjectsRepo extends Effect.Service<ProjectsRepo>()("ProjectsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** The actor's projects `p` with membership `m` and star `s`. */
    const own = (actor: Actor) => sql`
      projects p join memberships m on m.scope_id = p.id and m.user_id = ${actor.userId}
      left join project_stars s on s.project_id = p.id and s.user_id = ${actor.userId}`

    const columns = sql.literal(
      `p.id, p.name, p.description, p.tags, m.role, s.user_id is not null as "isStarred",
       p.created_at as "createdAt", p.updated_at as "updatedAt"`,
    )

    /** Lists the projects that the actor is a member of, last updated first. */
    const list = (
      actor: Actor,
      { tag, isStarred = false }: ProjectFilter,
      { limit, offset }: OffsetLimit,
    ) => {
      const matching = sql`
        ${own(actor)} where ${tag === undefined ? sql`true` : sql`${tag} = any(p.tags)`}
          ${isStarred ? sql`and s.user_id is not null` : sql``}`
      return sql`
        select (select count(*)::int from ${matching}) as total, page.*
        from (select) one_row left join (
          select ${columns} from ${matching} order by p.updated_at desc, p.id desc limit ${limit} offset ${offset}
        ) page on true
        order by page."updatedAt" desc, page.id desc`.pipe(findPage(Project))
    }

    const find = (actor: Actor, id: ProjectId) =>
      sql`select ${columns} from ${own(actor)} where p.id = ${uuidOrNull(id)}`.pipe(findOne(Project))

    /** Lists the distinct tags of the actor's projects, alphabetically. */
    const tags = (actor: Actor) =>
      sql`
        select distinct tag collate "und-x-icu" as tag from ${own(actor)}, unnest(p.tags) as tag order by 1`.pipe(
        findColumn("tag", Schema.String),
      )

    const insert = (project: Project) =>
      sql`
        insert into projects (id, name, description, tags, created_at, updated_at)
        values (${project.id}, ${project.name}, ${project.description}, ${project.tags}, ${project.createdAt},
                ${project.updatedAt})`.pipe(execute)

    const update = (id: ProjectId, { name, description, tags }: ProjectChange, now: Date) =>
      sql`
        update projects set
          name = coalesce(${name ?? null}, name), tags = coalesce(${tags ?? null}::text[], tags),
          description = case when ${description !== undefined} then ${description ?? null} else description end,
          updated_at = ${now}
        where id = ${id}`.pipe(execute)

    const star = (actor: Actor, id: ProjectId, now: Date) =>
      sql`
        insert into project_stars (user_id, project_id, created_at) values (${actor.userId}, ${id}, ${now})
        on conflict do nothing`.pipe(execute)

    const unstar = (actor: Actor, id: ProjectId) =>
      sql`delete from project_stars where user_id = ${actor.userId} and project_id = ${id}`.pipe(execute)

    return { list, find, tags, insert, update, star, unstar }
  }),
}) {}
