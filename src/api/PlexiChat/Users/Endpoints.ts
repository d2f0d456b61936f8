import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { AccountStatus } from "../../../domain/identity/AccountStatus"
import { StatusReason } from "../../../domain/identity/Users/Model"
import { Role } from "../../../domain/shared/Actor"
import { Authenticated } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import { Fields, optional, reportWithFieldErrors } from "../../../http/Fields"
import { OptionalTextParam } from "../../../http/Params"
import { enveloped, envelopedPage, pageParams } from "../Envelope"
import { errors } from "../Errors"
import { AccountChange, AdminAccount, Profile, ProfileChange, userParam, VisibleUser } from "./Bodies"

const StatusChange = Fields({
  status: Schema.propertySignature(AccountStatus).annotations({ description: "The new status" }),
  reason: optional(StatusReason).annotations({
    description: "Told to the user at sign-in; at most 1,000 characters",
  }),
  until: optional(
    Schema.NullOr(
      Schema.Date.pipe(Schema.filter((until) => until > new Date() || "must be in the future")),
    ).annotations({
      description: "When a suspension ends by itself, in the future; null or absent: when it is lifted",
    }),
  ),
}).pipe(
  Schema.filter(
    ({ status, until = null }) =>
      until === null ||
      (status !== "active" && status !== "banned") || { path: ["until"], message: "is only for `suspended`" },
    reportWithFieldErrors,
  ),
  Schema.annotations({
    ...example({ status: "suspended", reason: "Spam", until: "2036-01-15T09:30:00.000Z" }),
  }),
)

export const endpoints = HttpApiGroup.make("users")
  .add(
    HttpApiEndpoint.get("v1ListUsers", "/v1/users")
      .setUrlParams(
        Fields({
          ...pageParams,
          search: OptionalTextParam("Text that the username or the display name contains, ignoring case"),
        }),
      )
      .addSuccess(envelopedPage("A page of the users", VisibleUser))
      .annotate(OpenApi.Summary, "List users")
      .annotate(OpenApi.Description, "Returns the users who are not banned, newest first."),
  )
  .add(
    HttpApiEndpoint.get("v1GetUser")`/v1/users/${userParam}`
      .addSuccess(enveloped("The user", VisibleUser))
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Get a user")
      .annotate(OpenApi.Description, "Returns a user, banned or not."),
  )
  .add(
    HttpApiEndpoint.put("v1UpdateUser")`/v1/users/${userParam}`
      .setPayload(AccountChange)
      .addSuccess(enveloped("The user", VisibleUser))
      .addError(errors.AdminRequired)
      .addError(errors.UserNotFound)
      .addError(errors.UsernameTaken)
      .annotate(OpenApi.Summary, "Update a user")
      .annotate(
        OpenApi.Description,
        "Updates the fields that are present. Users may update themselves, administrators everybody.",
      ),
  )
  .add(
    HttpApiEndpoint.del("v1DeleteUser")`/v1/users/${userParam}`
      .addSuccess(HttpApiSchema.NoContent)
      .addError(errors.AdminRequired)
      .addError(errors.DeletionNotAllowed)
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Delete a user (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Deletes the account as `DELETE /v1/auth/me` does, and records it in the audit log. The accounts of administrators cannot be deleted.",
      ),
  )
  .add(
    HttpApiEndpoint.get("v1GetUserProfile")`/v1/users/${userParam}/profile`
      .addSuccess(enveloped("The profile", Profile))
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Get a profile")
      .annotate(OpenApi.Description, "Returns what everybody who is signed in may see of a user."),
  )
  .add(
    HttpApiEndpoint.put("v1UpdateUserProfile")`/v1/users/${userParam}/profile`
      .setPayload(ProfileChange)
      .addSuccess(enveloped("The profile", Profile))
      .addError(errors.AdminRequired)
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Update a profile")
      .annotate(
        OpenApi.Description,
        "Updates the fields that are present. Users may update theirs, administrators everybody's.",
      ),
  )
  .add(
    HttpApiEndpoint.get("v1ListAccounts", "/v1/admin/users")
      .setUrlParams(
        Fields({
          ...pageParams,
          search: OptionalTextParam(
            "Text that the email address, username or display name contains, ignoring case",
          ),
          status: Schema.optional(
            AccountStatus.annotations({ description: "Only accounts with this status" }),
          ),
          role: Schema.optional(Role.annotations({ description: "Only accounts with this role" })),
        }),
      )
      .addSuccess(envelopedPage("A page of the accounts", AdminAccount))
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "List accounts")
      .annotate(
        OpenApi.Description,
        "Returns accounts with status and usage, newest first. Requires an administrator.",
      ),
  )
  .add(
    HttpApiEndpoint.put("v1SetUserStatus")`/v1/admin/users/${userParam}/status`
      .setPayload(StatusChange)
      .addSuccess(enveloped("The account", AdminAccount))
      .addError(errors.AdminRequired)
      .addError(errors.UserNotFound)
      .addError(errors.StatusChangeNotAllowed)
      .annotate(OpenApi.Summary, "Suspend, ban or reactivate an account")
      .annotate(
        OpenApi.Description,
        "Suspended and banned users lose their sessions at once and cannot sign in; the generations of banned users stop. Requires an administrator, and another account that is not an administrator's.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Users")
  .annotate(OpenApi.Description, "Users, as others and as administrators see them.")
