import type { SqlClient } from "@effect/sql"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { ArenaSessionId } from "./Model"

/**
 * Which conversations `c` an actor may see and write to: their own. The lanes of an arena session are
 * to be seen only by naming it; among all others there are none.
 */
export const ownedBy = (sql: SqlClient.SqlClient, actor: Actor, arena?: ArenaSessionId) =>
  arena === undefined
    ? sql`c.user_id = ${actor.userId} and ${notInArena(sql)}`
    : sql`c.user_id = ${actor.userId} and c.arena_session_id = ${uuidOrNull(arena)}`

/** Which conversations `c` stand for themselves. */
export const notInArena = (sql: SqlClient.SqlClient) => sql`c.arena_session_id is null`
