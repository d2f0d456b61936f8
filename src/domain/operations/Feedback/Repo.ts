import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { OffsetLimit } from "../../shared/Page"
import { execute, findPage } from "../../shared/Rows"
import { FeedbackEntry } from "./Model"

export class FeedbackRepo extends Effect.Service<FeedbackRepo>()("FeedbackRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const insert = (entry: Omit<FeedbackEntry, "email">) =>
      sql`
        insert into feedback (id, user_id, type, content, created_at)
        values (${entry.id}, ${entry.userId}, ${entry.type}, ${entry.content}, ${entry.createdAt})`.pipe(
        execute,
      )

    const page = ({ limit, offset }: OffsetLimit) =>
      sql`
        select (select count(*)::int from feedback) as total, page.*
        from (select) one_row left join (
          select f.id, f.user_id as "userId", u.email, f.type, f.content, f.created_at as "createdAt"
          from feedback f left join users u on u.id = f.user_id
          order by f.id desc limit ${limit} offset ${offset}
        ) page on true
        order by id desc`.pipe(findPage(FeedbackEntry))

    return { insert, page }
  }),
}) {}
