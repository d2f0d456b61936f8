import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { Actor, UserId } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit } from "../../shared/Page"
import { findOne, findPage } from "../../shared/Rows"
import { containsInsensitive } from "../../shared/TextComparison"
import { isActiveAt } from "../AccountStatus"
import { type UserFilter, UserWithCounts, UserWithUsage, VisibleUser } from "./Model"

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

    const list = ({ includeBanned, search, status, role }: UserFilter, window: OffsetLimit, now: Date) => {
      const matching = sql.and([
        includeBanned ? sql`true` : sql`u.status <> 'banned'`,
        search === undefined
          ? sql`true`
          : sql.or(
              ["u.email", "u.username", "u.name"].map((column) => containsInsensitive(sql, column, search)),
            ),
        role === undefined ? sql`true` : sql`u.role = ${role}`,
        status === undefined
          ? sql`true`
          : sql`${status} = case when ${isActiveAt(sql, now)} then 'active' else u.status end`,
      ])
      return sql`
        select (select count(*)::int from users u where ${matching}) as total, page.*
        from (select) one_row left join (
          select ${columns} from users u join usage_accounts a on a.user_id = u.id where ${matching}
          order by u.created_at desc, u.id desc limit ${window.limit} offset ${window.offset}
        ) page on true
        order by page."createdAt" desc, page.id desc`.pipe(findPage(UserWithUsage))
    }

    /** The columns of user `u` that this actor may see. */
    const visibleTo = ({ userId, role }: Actor) => sql`
      u.id, u.username, u.name, u.avatar_url as "avatarUrl", u.bio, u.created_at as "createdAt",
      case when u.id = ${userId} or ${role === "admin"} then u.email end as email,
      case when u.id = ${userId} or ${role === "admin"} then u.role end as role`

    const listVisible = (actor: Actor, { limit, offset }: OffsetLimit, search: string | undefined) => {
      const matching = sql.and([
        sql`u.status <> 'banned'`,
        search === undefined
          ? sql`true`
          : sql.or(["u.username", "u.name"].map((column) => containsInsensitive(sql, column, search))),
      ])
      return sql`
        select (select count(*)::int from users u where ${matching}) as total, page.*
        from (select) one_row left join (
          select ${visibleTo(actor)} from users u where ${matching}
          order by u.id desc limit ${limit} offset ${offset}
        ) page on true
        order by page.id desc`.pipe(findPage(VisibleUser))
    }

    const findVisible = (actor: Actor, id: UserId) =>
      sql`select ${visibleTo(actor)} from users u where u.id = ${uuidOrNull(id)}`.pipe(findOne(VisibleUser))

    const find = (id: UserId) =>
      sql`
        select ${columns},
          (select count(*)::int from conversations where user_id = u.id and arena_session_id is null) as "conversationCount",
          (select count(*)::int from assistants where owner_id = u.id) as "assistantCount"
        from users u join usage_accounts a on a.user_id = u.id
        where u.id = ${uuidOrNull(id)}`.pipe(findOne(UserWithCounts))

    return { list, listVisible, findVisible, find }
  }),
}) {}
