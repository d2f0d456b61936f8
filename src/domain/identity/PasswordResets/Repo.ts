import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import { UserId } from "../../shared/Actor"
import { execute, findOne } from "../../shared/Rows"

const UserRow = Schema.Struct({ id: UserId })

export class PasswordResetsRepo extends Effect.Service<PasswordResetsRepo>()("PasswordResetsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const findUser = (email: string) =>
      sql`select id from users where email = ${email}`.pipe(findOne(UserRow))

    /** Stores a password of the user's. Who reads the address's mail has also verified it. */
    const setPassword = (id: UserId, passwordHash: string, now: Date) =>
      sql`
        update users set password_hash = ${passwordHash}, email_verified_at = coalesce(email_verified_at, ${now})
        where id = ${id}`.pipe(execute)

    return { findUser, setPassword }
  }),
}) {}
