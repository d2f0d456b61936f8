import type { SqlClient } from "@effect/sql"
import type { Actor } from "../../kernel/Actor"

/** Which assistants `a` an actor may see and use: their own, those in the gallery, and templates. */
export const visibleTo = (sql: SqlClient.SqlClient, actor: Actor) =>
  sql`(a.owner_id = ${actor.userId} or a.visibility <> 'private')`

/** Which an actor may change: their own. Templates are administrators' in common, and changed as such. */
export const ownedBy = (sql: SqlClient.SqlClient, actor: Actor) =>
  sql`a.owner_id = ${actor.userId} and a.visibility <> 'template'`
