import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import { execute, findAll, findOne, hasRow } from "../../shared/Rows"
import { Goal, type GoalChange, type GoalId } from "./Model"

export class GoalsRepo extends Effect.Service<GoalsRepo>()("GoalsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(
      `id, user_id as "userId", title, description, status, created_at as "createdAt", updated_at as "updatedAt"`,
    )

    const list = (actor: Actor) =>
      sql`select ${columns} from goals where user_id = ${actor.userId} order by id desc`.pipe(findAll(Goal))

    const insert = (goal: Goal) =>
      sql`
        insert into goals (id, user_id, title, description, status, created_at, updated_at)
        values (${goal.id}, ${goal.userId}, ${goal.title}, ${goal.description}, ${goal.status},
                ${goal.createdAt}, ${goal.updatedAt})`.pipe(execute)

    const update = (actor: Actor, id: GoalId, { title, description, status }: GoalChange, now: Date) =>
      sql`
        update goals set
          title = coalesce(${title ?? null}, title), status = coalesce(${status ?? null}, status),
          description = case when ${description !== undefined} then ${description ?? null} else description end,
          updated_at = ${now}
        where id = ${uuidOrNull(id)} and user_id = ${actor.userId} returning ${columns}`.pipe(findOne(Goal))

    const remove = (actor: Actor, id: GoalId) =>
      sql`delete from goals where id = ${uuidOrNull(id)} and user_id = ${actor.userId} returning id`.pipe(
        hasRow,
      )

    return { list, insert, update, remove }
  }),
}) {}
