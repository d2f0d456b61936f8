import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { BanReason } from "../../../domain/identity/Users/Model"
import { TokensLimit } from "../../../domain/operations/Usage/Model"
import { Role, UserId } from "../../../domain/shared/Actor"
import { Text } from "../../../domain/shared/Text"
import { Authenticated } from "../../../http/Authenticated"
import { Fields, optional, optionalRenamed, renamed } from "../../../http/Fields"
import { BooleanParam, OptionalTextParam } from "../../../http/Params"
import { body } from "../Body"
import { ConversationBody, MessageBody } from "../Conversations/Body"
import { errors } from "../Errors"
import { pageFields, pageParams } from "../Paging"
import { Profile, UserUsage } from "../UserBody"

const adminUserFields = {
  id: UserId,
  email: Schema.String,
  role: Role,
  profile: Profile,
  usage: UserUsage,
  status: Schema.Struct({
    is_banned: Schema.Boolean,
    ban_reason: Schema.NullOr(Schema.String),
    banned_at: Schema.NullOr(Schema.Date),
  }),
  createdAt: renamed("created_at", Schema.Date),
}

const AdminUser = Schema.Struct(adminUserFields).annotations({ identifier: "AdminUser" })

const AdminUserDetails = Schema.Struct({
  ...adminUserFields,
  stats: Schema.Struct({ conversation_count: Schema.Int, config_count: Schema.Int }),
}).annotations({ identifier: "AdminUserDetails" })

const AuditEntry = Schema.Struct({
  id: Schema.String,
  adminId: renamed("admin_id", UserId),
  adminEmail: renamed(
    "admin_email",
    Schema.String.annotations({ description: "The administrator's email address at the time" }),
  ),
  action: Schema.String.annotations({ description: "The action as verb and object: `ban_user`" }),
  targetId: renamed("target_id", Schema.String),
  details: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
  createdAt: renamed("created_at", Schema.Date),
}).annotations({ identifier: "AuditEntry" })

const replyFields = { message: Schema.String, user_id: UserId }

const id = HttpApiSchema.param("id", UserId.annotations({ description: "The user's id" }))

export const endpoints = HttpApiGroup.make("admin")
  .add(
    HttpApiEndpoint.get("listUsers", "/api/admin/users")
      .setUrlParams(
        Fields({
          ...pageParams(20),
          include_banned: BooleanParam(true, "Whether to include banned users"),
          search: optionalRenamed("search", Text).annotations({
            description: "Literal text to find in the email address or name, case-insensitive",
          }),
        }),
      )
      .addSuccess(body("A page of users", { users: Schema.Array(AdminUser), ...pageFields }))
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "List users (admin)")
      .annotate(OpenApi.Description, "For administrators. Returns a page of all users, newest first."),
  )
  .add(
    HttpApiEndpoint.get("getUser")`/api/admin/users/${id}`
      .addSuccess(body("The user", { user: AdminUserDetails }))
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
          reason: Schema.optionalWith(BanReason, { default: () => "", exact: true }).annotations({
            description: "The reason, which the user may read",
          }),
        }),
      )
      .addSuccess(body("The banned user and the reason", { ...replyFields, reason: Schema.String }))
      .addError(errors.AdminRequired)
      .addError(errors.BanNotAllowed)
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Ban a user (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Revokes the user's sessions at once and prevents new ones. Administrators cannot ban themselves or other administrators.",
      ),
  )
  .add(
    HttpApiEndpoint.put("unbanUser")`/api/admin/users/${id}/unban`
      .addSuccess(body("The unbanned user", replyFields))
      .addError(errors.AdminRequired)
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Unban a user (admin)")
      .annotate(OpenApi.Description, "For administrators. The user may sign in again."),
  )
  .add(
    HttpApiEndpoint.put("setUserLimits")`/api/admin/users/${id}/limits`
      .setPayload(
        Fields({
          tokens_limit: Schema.propertySignature(TokensLimit).annotations({
            description: "Total number of tokens; -1 for no limit",
          }),
        }),
      )
      .addSuccess(body("The user and the new limit", { ...replyFields, tokens_limit: Schema.Int }))
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
          include_messages: BooleanParam(false, "Whether to include all messages of each conversation"),
        }),
      )
      .addSuccess(
        body("A page of the user's conversations", {
          conversations: Schema.Array(
            Schema.Struct({ ...ConversationBody.fields, messages: optional(Schema.Array(MessageBody)) }),
          ),
          user: Schema.Struct({ id: UserId, email: Schema.String, display_name: Schema.String }),
          ...pageFields,
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
        }),
      )
      .addSuccess(
        body("A page of the audit log", { logs: Schema.Array(AuditEntry), skip: Schema.Int, ...pageFields }),
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
