import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { AvatarUrl, Bio, DisplayName, Language, Theme } from "../../../domain/identity/Users/Model"
import { Role, UserId } from "../../../domain/shared/Actor"
import { Authenticated } from "../../../http/Authenticated"
import { Fields, optionalRenamed, renamed } from "../../../http/Fields"
import { body } from "../Body"
import { errors } from "../Errors"
import { Profile, UserUsage } from "../UserBody"

const Settings = Schema.Struct({
  theme: Theme,
  notificationsEnabled: renamed("notifications_enabled", Schema.Boolean),
  language: Schema.String,
}).annotations({ identifier: "UserSettings" })

const CurrentUser = Schema.Struct({
  id: UserId,
  email: Schema.String,
  role: Role,
  profile: Profile,
  settings: Settings,
  usage: UserUsage,
  createdAt: renamed("created_at", Schema.Date),
}).annotations({ identifier: "CurrentUser" })

/** Decodes an avatar URL; an empty text means none, because forms send it for an empty field. */
const AvatarUrlInput = Schema.transform(
  Schema.NullOr(Schema.Union(AvatarUrl, Schema.Literal(""))),
  Schema.NullOr(Schema.typeSchema(AvatarUrl)),
  { strict: true, decode: (url) => url || null, encode: (url) => url },
)

const ProfileChange = Fields({
  name: optionalRenamed("display_name", DisplayName).annotations({
    description: "The display name: 2 to 50 characters",
  }),
  bio: optionalRenamed("bio", Bio).annotations({ description: "A short biography" }),
  avatarUrl: optionalRenamed(
    "avatar_url",
    AvatarUrlInput.annotations({ description: "An http or https URL; null or empty removes the avatar" }),
  ),
})

const SettingsChange = Fields({
  theme: optionalRenamed("theme", Theme).annotations({
    description: "The color theme; `system` follows the operating system",
  }),
  notificationsEnabled: optionalRenamed("notifications_enabled", Schema.Boolean).annotations({
    description: "Whether the front end may show notifications",
  }),
  language: optionalRenamed("language", Language).annotations({
    description: "A language tag: `en`, `pt-BR`",
  }),
})

export const endpoints = HttpApiGroup.make("users")
  .add(
    HttpApiEndpoint.get("getProfile", "/api/users/profile")
      .addSuccess(body("The caller", { user: CurrentUser }))
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Get your profile")
      .annotate(OpenApi.Description, "Returns the caller's profile, settings and usage."),
  )
  .add(
    HttpApiEndpoint.put("updateOwnProfile", "/api/users/profile")
      .setPayload(ProfileChange)
      .addSuccess(body("The caller", { user: CurrentUser }))
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Update your profile")
      .annotate(
        OpenApi.Description,
        "Changes the fields that are present; an `avatar_url` of null removes the avatar.",
      ),
  )
  .add(
    HttpApiEndpoint.put("updateSettings", "/api/users/settings")
      .setPayload(SettingsChange)
      .addSuccess(body("All settings after the change", { settings: Settings }))
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Update your settings")
      .annotate(OpenApi.Description, "Changes the fields that are present."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Users")
  .annotate(OpenApi.Description, "The caller's profile and settings.")
