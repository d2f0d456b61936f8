import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { BanReason } from "../../../domain/identity/Users/Model"
import { TokensLimit } from "../../../domain/operations/Usage/Model"
import { Role, UserId } from "../../../domain/shared/Actor"
import { Text } from "../../../domain/shared/Text"
import { Fields, named, optional, optionalNamed } from "../../../http/Fields"
import { BooleanParam, FilterParam } from "../../../http/Params"
import { SignedIn } from "../Authentication"
import { answer } from "../Body"
import { ConversationBody, MessageBody } from "../Conversations/Body"
import * as Errors from "../Errors"
import { listed, paging } from "../Paging"
import { Profile, UserUsage } from "../UserBody"

const person = {
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
  createdAt: named("created_at", Schema.Date),
}

const Person = Schema.Struct(person).annotations({ identifier: "Person" })

const PersonDetails = Schema.Struct({
  ...person,
  stats: Schema.Struct({ conversation_count: Schema.Int, config_count: Schema.Int }),
}).annotations({ identifier: "PersonDetails" })

const AuditEntry = Schema.Struct({
  id: Schema.String,
  adminId: named("admin_id", UserId),
  adminEmail: named(
    "admin_email",
    Schema.String.annotations({ description: "The address that the administrator had then" }),
  ),
  action: Schema.String.annotations({ description: "A verb and its object: `ban_user`" }),
  targetId: named("target_id", Schema.String),
  details: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
  createdAt: named("created_at", Schema.Date),
}).annotations({ identifier: "AuditEntry" })

const done = { message: Schema.String, user_id: UserId }

const id = HttpApiSchema.param("id", UserId.annotations({ description: "The user's id" }))

export const admin = HttpApiGroup.make("admin")
  .add(
    HttpApiEndpoint.get("listUsers", "/api/admin/users")
      .setUrlParams(
        Fields({
          ...paging(20),
          include_banned: BooleanParam(true, "Whether banned users are listed too"),
          search: optionalNamed("search", Text).annotations({
            description: "Text to find in address or name as it stands, in any case",
          }),
        }),
      )
      .addSuccess(answer("A page of users", { users: Schema.Array(Person), ...listed }))
      .addError(Errors.AdminsOnly)
      .annotate(OpenApi.Summary, "List users (admin)")
      .annotate(OpenApi.Description, "For administrators: everyone who has an account, the newest first."),
  )
  .add(
    HttpApiEndpoint.get("getUser")`/api/admin/users/${id}`
      .addSuccess(answer("The user", { user: PersonDetails }))
      .addError(Errors.AdminsOnly)
      .addError(Errors.UserNotFound)
      .annotate(OpenApi.Summary, "Get a user (admin)")
      .annotate(OpenApi.Description, "For administrators: a user, with how much they have made."),
  )
  .add(
    HttpApiEndpoint.put("banUser")`/api/admin/users/${id}/ban`
      .setPayload(
        Fields({
          reason: Schema.optionalWith(BanReason, { default: () => "", exact: true }).annotations({
            description: "Why, in words that the user may read",
          }),
        }),
      )
      .addSuccess(answer("Who is banned, and why", { ...done, reason: Schema.String }))
      .addError(Errors.AdminsOnly)
      .addError(Errors.CannotBan)
      .addError(Errors.UserNotFound)
      .annotate(OpenApi.Summary, "Ban a user (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Ends the user's sessions at once and lets them open no more. Administrators ban neither themselves nor one another.",
      ),
  )
  .add(
    HttpApiEndpoint.put("unbanUser")`/api/admin/users/${id}/unban`
      .addSuccess(answer("Who is banned no more", done))
      .addError(Errors.AdminsOnly)
      .addError(Errors.UserNotFound)
      .annotate(OpenApi.Summary, "Unban a user (admin)")
      .annotate(OpenApi.Description, "For administrators. The user may sign in again."),
  )
  .add(
    HttpApiEndpoint.put("setUserLimits")`/api/admin/users/${id}/limits`
      .setPayload(
        Fields({
          tokens_limit: Schema.propertySignature(TokensLimit).annotations({
            description: "Tokens in all; -1 for no limit",
          }),
        }),
      )
      .addSuccess(answer("Whose limit it is, and what it is now", { ...done, tokens_limit: Schema.Int }))
      .addError(Errors.AdminsOnly)
      .addError(Errors.UserNotFound)
      .annotate(OpenApi.Summary, "Set a user's limits (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators: how many tokens the user may use in all; -1 for no limit.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getUserHistory")`/api/admin/users/${id}/history`
      .setUrlParams(
        Fields({
          ...paging(20),
          include_messages: BooleanParam(false, "Whether each conversation comes with all its messages"),
        }),
      )
      .addSuccess(
        answer("A page of the user's conversations", {
          conversations: Schema.Array(
            Schema.Struct({ ...ConversationBody.fields, messages: optional(Schema.Array(MessageBody)) }),
          ),
          user: Schema.Struct({ id: UserId, email: Schema.String, display_name: Schema.String }),
          ...listed,
        }),
      )
      .addError(Errors.AdminsOnly)
      .addError(Errors.UserNotFound)
      .annotate(OpenApi.Summary, "Get a user's history (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators: what a user talks about, the latest first. Each reading is in the audit log.",
      ),
  )
  .add(
    HttpApiEndpoint.get("listAuditLogs", "/api/admin/audit-logs")
      .setUrlParams(
        Fields({
          ...paging(50),
          action: FilterParam("Only those of this action: `ban_user`"),
        }),
      )
      .addSuccess(
        answer("A page of the audit log", { logs: Schema.Array(AuditEntry), skip: Schema.Int, ...listed }),
      )
      .addError(Errors.AdminsOnly)
      .annotate(OpenApi.Summary, "List audit logs (admin)")
      .annotate(OpenApi.Description, "For administrators: what administrators did, the latest first."),
  )
  .middleware(SignedIn)
  .annotate(OpenApi.Title, "Administration")
  .annotate(OpenApi.Description, "What administrators see and decide. Whatever they do is in the audit log.")
