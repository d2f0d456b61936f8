import type { SqlClient } from "@effect/sql"
import type { Actor } from "../../shared/Actor"

/** Builds the condition that assistant `a` is visible to everyone: in the gallery, or a template. */
export const isPublished = (sql: SqlClient.SqlClient) => sql`a.visibility <> 'private'`

/** Builds the condition that the actor may see and use assistant `a`: it is published or their own. */
export const visibleTo = (sql: SqlClient.SqlClient, actor: Actor) =>
  sql`(${isPublished(sql)} or a.owner_id = ${actor.userId})`

/** Builds the condition that the actor owns assistant `a`. Templates are excluded: all administrators share them. */
export const ownedBy = (sql: SqlClient.SqlClient, actor: Actor) =>
  sql`a.owner_id = ${actor.userId} and a.visibility <> 'template'`
