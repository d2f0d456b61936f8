import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { Users } from "../../domain/identity/Users"
import { AvatarUrl, FullName, Language, Theme } from "../../domain/identity/Users/Model"
import { Role, UserId } from "../../domain/shared/Actor"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { Fields, optionalRenamed, renamed } from "../../http/Fields"
import { defineResource } from "../../http/Resource"
import { bodyOf } from "./Body"
import { errors } from "./Errors"

const profileExample = { name: "Ada Lovelace", avatar: "https://example.com/ada.png" }
const settingsExample = { theme: "dark", notifications: true, language: "en" }

const UserBody = Schema.Struct({
  id: UserId,
  email: Schema.String,
  name: Schema.String,
  avatarUrl: renamed("avatar", Schema.NullOr(Schema.String)),
  role: Role,
  createdAt: Schema.Date,
}).annotations({
  identifier: "UserProfile",
  ...example({
    id: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
    email: "ada@example.com",
    ...profileExample,
    role: "user",
    createdAt: "2026-01-15T09:30:00.000Z",
  }),
})

const Settings = Schema.Struct({
  theme: Theme,
  notificationsEnabled: renamed("notifications", Schema.Boolean),
  language: Schema.String,
}).annotations({ identifier: "Settings", ...example(settingsExample) })

const ProfileChange = Fields({
  name: optionalRenamed("name", FullName).annotations({ description: "1 to 100 characters" }),
  avatarUrl: optionalRenamed(
    "avatar",
    Schema.NullOr(AvatarUrl).annotations({ description: "An http or https URL; null removes the avatar" }),
  ),
}).annotations(example(profileExample))

const SettingsChange = Fields({
  theme: optionalRenamed("theme", Theme).annotations({
    description: "The color theme; `system` follows the operating system",
  }),
  notificationsEnabled: optionalRenamed("notifications", Schema.Boolean).annotations({
    description: "Whether the front end may show notifications",
  }),
  language: optionalRenamed("language", Language).annotations({
    description: "A language tag: `en`, `pt-BR`",
  }),
}).annotations(example(settingsExample))

const endpoints = HttpApiGroup.make("user")
  .add(
    HttpApiEndpoint.get("getUserProfile", "/api/user/profile")
      .addSuccess(bodyOf("The user", "user", UserBody))
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Get the profile")
      .annotate(OpenApi.Description, "Returns the authenticated user."),
  )
  .add(
    HttpApiEndpoint.put("updateUserProfile", "/api/user/profile")
      .setPayload(ProfileChange)
      .addSuccess(bodyOf("The user", "user", UserBody))
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Update the profile")
      .annotate(
        OpenApi.Description,
        "Changes the fields that are present; an `avatar` of null removes the avatar.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getUserSettings", "/api/user/settings")
      .addSuccess(bodyOf("All settings", "settings", Settings))
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Get the settings")
      .annotate(OpenApi.Description, "Returns the settings of the authenticated user."),
  )
  .add(
    HttpApiEndpoint.put("updateUserSettings", "/api/user/settings")
      .setPayload(SettingsChange)
      .addSuccess(bodyOf("All settings after the change", "settings", Settings))
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Update the settings")
      .annotate(OpenApi.Description, "Changes the fields that are present."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "User")
  .annotate(OpenApi.Description, "The profile and settings of the authenticated user.")

export const user = defineResource({
  group: endpoints,
  prefixes: ["/api/user"],
  handlers: (handlers) =>
    Effect.map(Users, (users) =>
      handlers
        .handle("getUserProfile", withActor(users.me))
        .handle(
          "updateUserProfile",
          withActor((actor, { payload }) => users.updateProfile(actor, payload)),
        )
        .handle("getUserSettings", withActor(users.me))
        .handle(
          "updateUserSettings",
          withActor((actor, { payload }) => users.updateSettings(actor, payload)),
        ),
    ),
})
