import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { Actor } from "../../shared/Actor"
import { execute, findAll, findOne } from "../../shared/Rows"
import { Team, type TeamChange, type TeamId, TeamWithMembers } from "./Model"

export class TeamsRepo extends Effect.Service<TeamsRepo>()("TeamsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(
      `t.id, t.name, t.description, t.created_at as "createdAt",
       (select m.user_id from memberships m where m.scope_id = t.id and m.role = 'owner'
        order by m.created_at, m.id limit 1) as "ownerId"`,
    )

    /** Lists the teams that the actor is a member of, newest first. */
    const list = (actor: Actor) =>
      sql`
        select ${columns}, (
          select json_agg(json_build_object('id', m.id, 'userId', m.user_id, 'role', m.role)
                          order by m.created_at, m.id)
          from memberships m where m.scope_id = t.id
        ) as members
        from teams t join memberships own on own.scope_id = t.id
        where own.user_id = ${actor.userId}
        order by t.id desc`.pipe(findAll(TeamWithMembers))

    const insert = (team: Team) =>
      sql`
        insert into teams (id, name, description, created_at, updated_at)
        values (${team.id}, ${team.name}, ${team.description}, ${team.createdAt}, ${team.createdAt})`.pipe(
        execute,
      )

    const find = (id: TeamId) => sql`select ${columns} from teams t where t.id = ${id}`.pipe(findOne(Team))

    const update = (id: TeamId, { name, description }: TeamChange, now: Date) =>
      sql`
        update teams t set
          name = coalesce(${name ?? null}, name),
          description = case when ${description !== undefined} then ${description ?? null} else description end,
          updated_at = ${now}
        where t.id = ${id} returning ${columns}`.pipe(findOne(Team))

    return { list, insert, find, update }
  }),
}) {}
