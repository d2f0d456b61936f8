import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { type FileId, StoredFile } from "../../files/Files/Model"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit } from "../../shared/Page"
import { findOne, findPage, hasRow } from "../../shared/Rows"
import type { ProjectId } from "./Model"

/** Which files are in which projects. */
export class ProjectFilesRepo extends Effect.Service<ProjectFilesRepo>()("ProjectFilesRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(
      `f.id, f.owner_id as "ownerId", f.name, f.media_type as "mediaType", f.size, f.created_at as "createdAt"`,
    )

    /** Lists a project's files, last added first. */
    const list = (project: ProjectId, { limit, offset }: OffsetLimit) => {
      const inProject = sql`project_files p join files f on f.id = p.file_id where p.project_id = ${project}`
      return sql`
        select (select count(*)::int from ${inProject}) as total, page.*
        from (select) one_row left join (
          select ${columns}, p.created_at as "addedAt" from ${inProject}
          order by p.created_at desc, f.id desc limit ${limit} offset ${offset}
        ) page on true
        order by page."addedAt" desc, page.id desc`.pipe(findPage(StoredFile))
    }

    /** Adds one of the actor's own files and returns it; none if it is not theirs. Idempotent. */
    const add = (actor: Actor, project: ProjectId, file: FileId, now: Date) =>
      sql`
        with file as (
          select ${columns} from files f
          where f.id = ${uuidOrNull(file)} and f.owner_id = ${actor.userId} for key share
        ), added as (
          insert into project_files (project_id, file_id, created_at)
          select ${project}::uuid, id, ${now}::timestamptz from file
          on conflict do nothing
        )
        select * from file`.pipe(findOne(StoredFile))

    /** Removes a file. Returns whether it was in the project. */
    const remove = (project: ProjectId, file: FileId) =>
      sql`
        delete from project_files
        where project_id = ${project} and file_id = ${uuidOrNull(file)} returning file_id`.pipe(hasRow)

    return { list, add, remove }
  }),
}) {}
