import type { SqlClient } from "@effect/sql"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { ArenaSessionId } from "./Model"

/**
 * Builds the condition that conversation `c` is the actor's, who alone may read and write it. The
 * lanes of an arena session match only if that session is given; otherwise they are excluded.
 */
export const ownedBy = (sql: SqlClient.SqlClient, actor: Actor, arena?: ArenaSessionId) =>
  arena === undefined
    ? sql`c.user_id = ${actor.userId} and ${notInArena(sql)}`
    : sql`c.user_id = ${actor.userId} and c.arena_session_id = ${uuidOrNull(arena)}`

/** Builds the condition that conversation `c` is not a lane of an arena session. */
export const notInArena = (sql: SqlClient.SqlClient) => sql`c.arena_session_id is null`
