import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { UserId } from "../../shared/Actor"
import { type OffsetLimit, toPageResult } from "../../shared/Page"
import type { Conversation } from "./Model"
import { notInArena } from "./Policy"
import { conversationColumns } from "./Repo"

/** Reads all conversations of a user, including archived and pinned ones. */
export class AdminConversationsRepo extends Effect.Service<AdminConversationsRepo>()(
  "AdminConversationsRepo",
  {
    effect: Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const columns = sql.literal(conversationColumns)

      /** Lists a range, most recently active first. An index serves each combination of flags, so the query merges those. */
      const page = (userId: UserId, { offset, limit }: OffsetLimit) =>
        sql<Conversation & { readonly total: number }>`
        with page as (
          select latest.id from (values (false, false), (false, true), (true, false), (true, true))
            as kind (is_archived, is_pinned)
          cross join lateral (
            select c.id, c.active_at from conversations c
            where c.user_id = ${userId} and ${notInArena(sql)} and c.is_archived = kind.is_archived and c.is_pinned = kind.is_pinned
            order by c.active_at desc, c.id desc limit ${offset + limit}::bigint
          ) latest
          order by latest.active_at desc, latest.id desc limit ${limit} offset ${offset}
        )
        select coalesce(
          (select active + archived from conversation_counts where user_id = ${userId}), 0
        ) as total, ${columns}
        from (select) one_row left join (conversations c join page using (id)) on true
        order by c.active_at desc, c.id desc`.pipe(Effect.map(toPageResult), Effect.orDie)

      return { page }
    }),
  },
) {}
