import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { UserId } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit } from "../../shared/Page"
import { findOne, findPage } from "../../shared/Rows"
import { containsInsensitive } from "../../shared/TextComparison"
import { type UserFilter, UserWithCounts, UserWithUsage } from "./Model"

export class UserDirectoryRepo extends Effect.Service<UserDirectoryRepo>()("UserDirectoryRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(
      `u.id, u.email, u.username, u.name, u.role, u.avatar_url as "avatarUrl", u.bio, u.theme,
       u.notifications_enabled as "notificationsEnabled", u.language,
       u.email_verified_at as "emailVerifiedAt", u.status, u.status_reason as "statusReason",
       u.status_since as "statusSince", u.status_until as "statusUntil",
       u.created_at as "createdAt", a.tokens_limit as "tokensLimit", a.tokens_used as "tokensUsed",
       a.messages_sent as "messagesSent"`,
    )

    const list = ({ includeBanned, search }: UserFilter, window: OffsetLimit) => {
      const matching = sql.and([
        includeBanned ? sql`true` : sql`u.status <> 'banned'`,
        search === undefined
          ? sql`true`
          : sql.or([containsInsensitive(sql, "u.email", search), containsInsensitive(sql, "u.name", search)]),
      ])
      return sql`
        select (select count(*)::int from users u where ${matching}) as total, page.*
        from (select) one_row left join (
          select ${columns} from users u join usage_accounts a on a.user_id = u.id where ${matching}
          order by u.created_at desc, u.id desc limit ${window.limit} offset ${window.offset}
        ) page on true
        order by page."createdAt" desc, page.id desc`.pipe(findPage(UserWithUsage))
    }

    const find = (id: UserId) =>
      sql`
        select ${columns},
          (select count(*)::int from conversations where user_id = u.id and arena_session_id is null) as "conversationCount",
          (select count(*)::int from assistants where owner_id = u.id) as "assistantCount"
        from users u join usage_accounts a on a.user_id = u.id
        where u.id = ${uuidOrNull(id)}`.pipe(findOne(UserWithCounts))

    return { list, find }
  }),
}) {}
