import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import type { UserWithCounts, UserWithUsage } from "../../../domain/identity/UserDirectory/Model"
import { StatusReason } from "../../../domain/identity/Users/Model"
import { TokensLimit } from "../../../domain/operations/Usage/Model"
import { UserId } from "../../../domain/shared/Actor"
import { Text } from "../../../domain/shared/Text"
import { Authenticated } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import { constant, encodeOnly, Fields, optionalRenamed, renamed } from "../../../http/Fields"
import { BooleanParam, OptionalTextParam } from "../../../http/Params"
import { body, bodyOf } from "../Body"
import { ConversationWithMessagesBody } from "../Conversations/Body"
import { errors } from "../Errors"
import { pageFields, pageParams, skip } from "../Paging"
import { userExample, userFields } from "../UserBody"

const adminUserFields = {
  ...userFields,
  status: Schema.Struct({
    isBanned: renamed("is_banned", Schema.Boolean),
    banReason: renamed("ban_reason", Schema.NullOr(Schema.String)),
    bannedAt: renamed("banned_at", Schema.NullOr(Schema.Date)),
  }),
}

const withNested = (user: UserWithUsage) => ({
  ...user,
  profile: user,
  usage: user,
  status:
    user.status === "banned"
      ? { isBanned: true, banReason: user.statusReason, bannedAt: user.statusSince }
      : { isBanned: false, banReason: null, bannedAt: null },
})

const adminUserExample = {
  ...userExample,
  status: { is_banned: false, ban_reason: null, banned_at: null },
}

const AdminUser = encodeOnly(Schema.Struct(adminUserFields), withNested).annotations({
  identifier: "AdminUser",
  ...example(adminUserExample),
})

const AdminUserDetails = encodeOnly(
  Schema.Struct({
    ...adminUserFields,
    stats: Schema.Struct({
      conversationCount: renamed("conversation_count", Schema.Int),
      assistantCount: renamed("config_count", Schema.Int),
    }),
  }),
  (user: UserWithCounts) => ({ ...withNested(user), stats: user }),
).annotations({
  identifier: "AdminUserDetails",
  ...example({ ...adminUserExample, stats: { conversation_count: 1, config_count: 0 } }),
})

const AuditEntry = Schema.Struct({
  id: Schema.String,
  adminId: renamed("admin_id", UserId),
  adminEmail: renamed(
    "admin_email",
    Schema.String.annotations({
      description: "The administrator's email address at the time; `operator` for commands on the server",
    }),
  ),
  action: Schema.String.annotations({ description: "The action as verb and object: `ban_user`" }),
  targetId: renamed("target_id", Schema.String),
  details: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
  createdAt: renamed("created_at", Schema.Date),
}).annotations({
  identifier: "AuditEntry",
  ...example({
    id: "019bc0f1-2c4e-7c3a-9d52-cc4553d40744",
    admin_id: "019bc0f1-2c48-7c3a-9d52-999d5bff2194",
    admin_email: "admin@example.com",
    action: "ban_user",
    target_id: userExample.id,
    details: { reason: "Violation of terms of service" },
    created_at: "2026-01-15T10:05:42.000Z",
  }),
})

const userId = UserId.annotations({ description: "The user's id", ...example(userExample.id) })
const id = HttpApiSchema.param("id", userId)

/** The fields of a response that confirms an operation on a user. */
const confirmation = (message: string) => ({ message: constant(message), id: renamed("user_id", userId) })

const reason = "Violation of terms of service"

export const endpoints = HttpApiGroup.make("admin")
  .add(
    HttpApiEndpoint.get("listUsers", "/api/admin/users")
      .setUrlParams(
        Fields({
          ...pageParams(20),
          includeBanned: BooleanParam(true, "Whether to include banned users").pipe(
            Schema.fromKey("include_banned"),
          ),
          search: optionalRenamed("search", Text).annotations({
            description: "Literal text to find in the email address or name, case-insensitive",
          }),
        }).annotations(example({ search: "jane r" })),
      )
      .addSuccess(body("A page of users", pageFields("users", AdminUser)))
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "List users (admin)")
      .annotate(OpenApi.Description, "For administrators. Returns a page of all users, newest first."),
  )
  .add(
    HttpApiEndpoint.get("getUser")`/api/admin/users/${id}`
      .addSuccess(bodyOf("The user", "user", AdminUserDetails))
      .addError(errors.AdminRequired)
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Get a user (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Returns a user with counts of their conversations and configs.",
      ),
  )
  .add(
    HttpApiEndpoint.put("banUser")`/api/admin/users/${id}/ban`
      .setPayload(
        Fields({
          reason: Schema.optionalWith(StatusReason, { default: () => "", exact: true }).annotations({
            description: "The reason, which the user may read",
          }),
        }).annotations(example({ reason })),
      )
      .addSuccess(
        body("The banned user and the reason", {
          ...confirmation("User banned"),
          reason: Schema.String.annotations(example(reason)),
        }),
      )
      .addError(errors.AdminRequired)
      .addError(errors.StatusChangeNotAllowed)
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Ban a user (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Revokes the user's sessions at once and prevents new ones. Administrators cannot ban themselves or other administrators.",
      ),
  )
  .add(
    HttpApiEndpoint.put("unbanUser")`/api/admin/users/${id}/unban`
      .addSuccess(body("The unbanned user", confirmation("User unbanned")))
      .addError(errors.AdminRequired)
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Unban a user (admin)")
      .annotate(OpenApi.Description, "For administrators. The user may sign in again."),
  )
  .add(
    HttpApiEndpoint.put("setUserLimits")`/api/admin/users/${id}/limits`
      .setPayload(
        Fields({
          tokensLimit: renamed("tokens_limit", TokensLimit).annotations({
            description: "Total number of tokens; -1 for no limit",
          }),
        }).annotations(example({ tokens_limit: 500_000 })),
      )
      .addSuccess(
        body("The user and the new limit", {
          ...confirmation("User limits updated"),
          tokensLimit: renamed("tokens_limit", Schema.Int.annotations(example(500_000))),
        }),
      )
      .addError(errors.AdminRequired)
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Set a user's limits (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Sets how many tokens the user may use in total; -1 for no limit.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getUserHistory")`/api/admin/users/${id}/history`
      .setUrlParams(
        Fields({
          ...pageParams(20),
          includeMessages: BooleanParam(false, "Whether to include all messages of each conversation").pipe(
            Schema.fromKey("include_messages"),
          ),
        }).annotations(example({ include_messages: "true" })),
      )
      .addSuccess(
        body("A page of the user's conversations", {
          ...pageFields("conversations", ConversationWithMessagesBody),
          user: Schema.Struct({
            id: UserId,
            email: Schema.String,
            name: renamed("display_name", Schema.String),
          }).annotations(example({ id: userExample.id, email: userExample.email, display_name: "Jane Roe" })),
        }),
      )
      .addError(errors.AdminRequired)
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Get a user's history (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Returns a page of a user's conversations, latest first. Each call is recorded in the audit log.",
      ),
  )
  .add(
    HttpApiEndpoint.get("listAuditLogs", "/api/admin/audit-logs")
      .setUrlParams(
        Fields({
          ...pageParams(50),
          action: OptionalTextParam("Only entries with this action: `ban_user`"),
        }).annotations(example({ action: "ban_user" })),
      )
      .addSuccess(
        body("A page of the audit log", {
          ...pageFields("logs", AuditEntry),
          skip,
        }),
      )
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "List audit logs (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Returns a page of the actions of administrators, latest first.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Administration")
  .annotate(OpenApi.Description, "Manage users. Actions of administrators are recorded in the audit log.")
