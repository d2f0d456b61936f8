import type { SqlClient } from "@effect/sql"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { ArenaSessionId } from "./Model"

/**
 * Builds the condition that conversation `c` is the actor's, who alone may write it. The
 * lanes of an arena session match only if that session is given; otherwise they are excluded.
 */
export const ownedBy = (sql: SqlClient.SqlClient, actor: Actor, arena?: ArenaSessionId) =>
  arena === undefined
    ? sql`c.user_id = ${actor.userId} and ${notInArena(sql)}`
    : sql`c.user_id = ${actor.userId} and c.arena_session_id = ${uuidOrNull(arena)}`

/**
 * Builds the condition that the actor may read conversation `c`: it is theirs, or in a project that they
 * are a member of. PostgreSQL looks for the membership only if it is not theirs.
 */
export const readableBy = (sql: SqlClient.SqlClient, actor: Actor) =>
  sql`${notInArena(sql)} and (c.user_id = ${actor.userId} or exists (
    select from memberships p where p.scope_id = c.project_id and p.user_id = ${actor.userId}))`

/** Builds the condition that conversation `c` is not a lane of an arena session. */
export const notInArena = (sql: SqlClient.SqlClient) => sql`c.arena_session_id is null`
