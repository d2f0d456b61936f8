import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit } from "../../shared/Page"
import { execute, findOne, findPage, hasRow } from "../../shared/Rows"
import { ApiKey, type ApiKeyId } from "./Model"

export class ApiKeysRepo extends Effect.Service<ApiKeysRepo>()("ApiKeysRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(
      `id, name, scopes, created_at as "createdAt", expires_at as "expiresAt", last_used_at as "lastUsedAt"`,
    )

    const insert = (
      { userId }: Actor,
      { id, name, scopes, createdAt, expiresAt }: ApiKey,
      hash: Uint8Array,
    ) =>
      sql`
        insert into api_keys (id, user_id, name, key_hash, scopes, created_at, expires_at)
        values (${id}, ${userId}, ${name}, ${hash}, ${scopes}::text[], ${createdAt}, ${expiresAt})`.pipe(
        execute,
      )

    /** Lists the actor's keys, newest first. */
    const list = ({ userId }: Actor, { limit, offset }: OffsetLimit) =>
      sql`
        select (select count(*)::int from api_keys where user_id = ${userId}) as total, page.*
        from (select) one_row left join (
          select ${columns} from api_keys where user_id = ${userId} order by id desc limit ${limit} offset ${offset}
        ) page on true
        order by page.id desc`.pipe(findPage(ApiKey))

    const find = ({ userId }: Actor, id: ApiKeyId) =>
      sql`select ${columns} from api_keys where id = ${uuidOrNull(id)} and user_id = ${userId}`.pipe(
        findOne(ApiKey),
      )

    /** Deletes a key of the actor. Returns false if there is none with this id. */
    const remove = ({ userId }: Actor, id: ApiKeyId) =>
      sql`delete from api_keys where id = ${uuidOrNull(id)} and user_id = ${userId} returning id`.pipe(hasRow)

    return { insert, list, find, remove }
  }),
}) {}
