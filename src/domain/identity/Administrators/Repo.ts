import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import { Role, UserId } from "../../shared/Actor"
import { execute, findAll, findColumn, findOne } from "../../shared/Rows"
import { StoredStatus } from "../AccountStatus"

const AccountRow = Schema.Struct({ id: UserId, role: Role, ...StoredStatus.fields })
const AdministratorRow = Schema.Struct({ email: Schema.String, name: Schema.String })

export class AdministratorsRepo extends Effect.Service<AdministratorsRepo>()("AdministratorsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const list = sql`select email, name from users where role = 'admin' order by created_at, id`.pipe(
      findAll(AdministratorRow),
    )

    /** Locks all administrators until the transaction ends, so that concurrent changes cannot remove the last one. */
    const lockAll = sql`select id from users where role = 'admin' order by id for no key update`.pipe(
      findColumn("id", UserId),
    )

    /** Finds an account by its email address and locks it until the transaction ends. */
    const lock = (email: string) =>
      sql`
        select id, role, status, status_reason as "statusReason", status_since as "statusSince",
          status_until as "statusUntil"
        from users where email = ${email} for no key update`.pipe(findOne(AccountRow))

    const setRole = (id: UserId, role: Role) =>
      sql`update users set role = ${role} where id = ${id}`.pipe(execute)

    const setPassword = (id: UserId, passwordHash: string) =>
      sql`update users set password_hash = ${passwordHash} where id = ${id}`.pipe(execute)

    return { list, lockAll, lock, setRole, setPassword }
  }),
}) {}
