import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { AvatarUrl, Bio, DisplayName, Language, Theme } from "../../../domain/identity/Users/Model"
import { Role, UserId } from "../../../domain/shared/Actor"
import { Fields, named, optionalNamed } from "../../../http/Fields"
import { SignedIn } from "../Authentication"
import { answer } from "../Body"
import * as Errors from "../Errors"
import { Profile, UserUsage } from "../UserBody"

const Settings = Schema.Struct({
  theme: Theme,
  notificationsEnabled: named("notifications_enabled", Schema.Boolean),
  language: Schema.String,
}).annotations({ identifier: "UserSettings" })

const Own = Schema.Struct({
  id: UserId,
  email: Schema.String,
  role: Role,
  profile: Profile,
  settings: Settings,
  usage: UserUsage,
  createdAt: named("created_at", Schema.Date),
}).annotations({ identifier: "OwnUser" })

/** Forms send an empty text for what is not there. */
const Picture = Schema.transform(
  Schema.NullOr(Schema.Union(AvatarUrl, Schema.Literal(""))),
  Schema.NullOr(Schema.typeSchema(AvatarUrl)),
  { strict: true, decode: (url) => url || null, encode: (url) => url },
)

const ProfileChange = Fields({
  name: optionalNamed("display_name", DisplayName).annotations({
    description: "The name to show: 2 to 50 characters",
  }),
  bio: optionalNamed("bio", Bio).annotations({ description: "What to say of oneself" }),
  avatarUrl: optionalNamed(
    "avatar_url",
    Picture.annotations({ description: "An http or https URL; null or empty: no picture" }),
  ),
})

const SettingsChange = Fields({
  theme: optionalNamed("theme", Theme).annotations({
    description: "How the front end looks; `system` is as the machine does",
  }),
  notificationsEnabled: optionalNamed("notifications_enabled", Schema.Boolean).annotations({
    description: "Whether the front end may notify",
  }),
  language: optionalNamed("language", Language).annotations({ description: "A language tag: `en`, `pt-BR`" }),
})

export const users = HttpApiGroup.make("users")
  .add(
    HttpApiEndpoint.get("getProfile", "/api/users/profile")
      .addSuccess(answer("The user who asks", { user: Own }))
      .addError(Errors.UserNotFound)
      .annotate(OpenApi.Summary, "Get the own profile")
      .annotate(OpenApi.Description, "Profile, settings and usage of the user who asks."),
  )
  .add(
    HttpApiEndpoint.put("updateOwnProfile", "/api/users/profile")
      .setPayload(ProfileChange)
      .addSuccess(answer("The user who asks", { user: Own }))
      .addError(Errors.UserNotFound)
      .annotate(OpenApi.Summary, "Update the own profile")
      .annotate(OpenApi.Description, "What is left out stays; an `avatar_url` of null removes the picture."),
  )
  .add(
    HttpApiEndpoint.put("updateSettings", "/api/users/settings")
      .setPayload(SettingsChange)
      .addSuccess(answer("All settings as they are now", { settings: Settings }))
      .addError(Errors.UserNotFound)
      .annotate(OpenApi.Summary, "Update the own settings")
      .annotate(OpenApi.Description, "What is left out stays."),
  )
  .middleware(SignedIn)
  .annotate(OpenApi.Title, "Users")
  .annotate(OpenApi.Description, "What a user says of themselves, and how things look to them.")
