import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import type { UserWithUsage } from "../../../domain/identity/UserDirectory/Model"
import { AvatarUrl, Bio, DisplayName, Language, Theme } from "../../../domain/identity/Users/Model"
import { Authenticated } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import { encodeOnly, Fields, optionalRenamed, renamed } from "../../../http/Fields"
import { bodyOf } from "../Body"
import { errors } from "../Errors"
import { userExample, userFields } from "../UserBody"

const settingsExample = { theme: "dark", notifications_enabled: true, language: "en" }

const Settings = Schema.Struct({
  theme: Theme,
  notificationsEnabled: renamed("notifications_enabled", Schema.Boolean),
  language: Schema.String,
}).annotations({ identifier: "UserSettings", ...example(settingsExample) })

const CurrentUser = encodeOnly(
  Schema.Struct({ ...userFields, settings: Settings }),
  (user: UserWithUsage) => ({ ...user, profile: user, settings: user, usage: user }),
).annotations({ identifier: "CurrentUser", ...example({ ...userExample, settings: settingsExample }) })

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
}).annotations(
  example({
    display_name: "John Smith",
    bio: "Full-stack developer",
    avatar_url: "https://example.com/john.png",
  }),
)

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
}).annotations(example(settingsExample))

export const endpoints = HttpApiGroup.make("users")
  .add(
    HttpApiEndpoint.get("getProfile", "/api/users/profile")
      .addSuccess(bodyOf("The caller", "user", CurrentUser))
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Get your profile")
      .annotate(OpenApi.Description, "Returns the caller's profile, settings and usage."),
  )
  .add(
    HttpApiEndpoint.put("updateOwnProfile", "/api/users/profile")
      .setPayload(ProfileChange)
      .addSuccess(bodyOf("The caller", "user", CurrentUser))
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
      .addSuccess(bodyOf("All settings after the change", "settings", Settings))
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Update your settings")
      .annotate(OpenApi.Description, "Changes the fields that are present."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Users")
  .annotate(OpenApi.Description, "The caller's profile and settings.")
