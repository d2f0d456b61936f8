import type { SqlClient } from "@effect/sql"
import type { Actor } from "../../kernel/Actor"

/** Which conversations `c` an actor may see and write to: their own. */
export const ownedBy = (sql: SqlClient.SqlClient, actor: Actor) => sql`c.user_id = ${actor.userId}`
