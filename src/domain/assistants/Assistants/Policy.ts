import type { SqlClient } from "@effect/sql"
import type { Actor } from "../../shared/Actor"

/** Which assistants `a` everyone sees: those in the gallery, and templates. */
export const isShown = (sql: SqlClient.SqlClient) => sql`a.visibility <> 'private'`

/** Which an actor may see and use: those, and their own. */
export const visibleTo = (sql: SqlClient.SqlClient, actor: Actor) =>
  sql`(${isShown(sql)} or a.owner_id = ${actor.userId})`

/** Which an actor may change: their own. Templates are administrators' in common, and changed as such. */
export const ownedBy = (sql: SqlClient.SqlClient, actor: Actor) =>
  sql`a.owner_id = ${actor.userId} and a.visibility <> 'template'`
