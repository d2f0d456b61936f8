import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { AccountStatus, statusAt } from "../../../domain/identity/AccountStatus"
import type { UserWithUsage } from "../../../domain/identity/UserDirectory/Model"
import { AvatarUrl, Bio, FullName, type User, Username } from "../../../domain/identity/Users/Model"
import { Role, UserId } from "../../../domain/shared/Actor"
import { example } from "../../../http/Example"
import { absentIfNull, encodeOnly, Fields, optionalRenamed, renamed } from "../../../http/Fields"

const profileExample = {
  id: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
  username: "ada",
  display_name: "Ada Lovelace",
  bio: "Analyst",
  avatar_url: "https://example.com/ada.png",
}

const userExample = {
  ...profileExample,
  email: "ada@example.com",
  role: "user",
  created_at: "2026-01-15T09:30:00.000Z",
}

const profileFields = {
  id: UserId,
  username: Schema.String.annotations({ description: "Unique, ignoring case" }),
  name: renamed("display_name", Schema.String),
  bio: Schema.String,
  avatarUrl: renamed("avatar_url", Schema.NullOr(Schema.String)),
}

/** What everybody may see of a user. */
export const Profile = Schema.Struct(profileFields).annotations({
  identifier: "PlexiChatProfile",
  ...example(profileExample),
})

/** A user, with what only they and administrators may see. */
export const VisibleUser = Schema.Struct({
  ...profileFields,
  email: absentIfNull(
    Schema.String.annotations({ description: "Present for the user and for administrators" }),
  ),
  role: absentIfNull(Role.annotations({ description: "Present for the user and for administrators" })),
  createdAt: renamed("created_at", Schema.Date),
}).annotations({ identifier: "PlexiChatUser", ...example(userExample) })

const accountFields = {
  ...profileFields,
  email: Schema.String,
  role: Role,
  isVerified: renamed(
    "email_verified",
    Schema.Boolean.annotations({ description: "Whether the user verified the email address by a mail" }),
  ),
  createdAt: renamed("created_at", Schema.Date),
}

const accountExample = { ...userExample, email_verified: true }

/** The user's own account. */
export const Account = encodeOnly(Schema.Struct(accountFields), (user: User) => ({
  ...user,
  isVerified: user.emailVerifiedAt !== null,
})).annotations({ identifier: "PlexiChatAccount", ...example(accountExample) })

/** An account as administrators see it. */
export const AdminAccount = encodeOnly(
  Schema.Struct({
    ...accountFields,
    status: AccountStatus,
    statusReason: renamed("status_reason", Schema.NullOr(Schema.String)),
    statusUntil: renamed(
      "status_until",
      Schema.NullOr(Schema.Date).annotations({ description: "When a suspension ends by itself" }),
    ),
    messagesSent: renamed("messages_sent", Schema.Int),
    tokensUsed: renamed("tokens_used", Schema.Int),
    tokensLimit: renamed("tokens_limit", Schema.Int.annotations({ description: "-1 for no limit" })),
  }),
  (user: UserWithUsage) => ({
    ...user,
    ...statusAt(user, new Date()),
    isVerified: user.emailVerifiedAt !== null,
  }),
).annotations({
  identifier: "PlexiChatAdminAccount",
  ...example({
    ...accountExample,
    status: "suspended",
    status_reason: "Spam",
    status_until: "2036-01-15T09:30:00.000Z",
    messages_sent: 12,
    tokens_used: 4210,
    tokens_limit: -1,
  }),
})

export const username = {
  description: "3 to 32 letters, digits, periods, underscores and hyphens; unique, ignoring case",
}

/** What users may change about themselves. */
export const AccountChange = Fields({
  username: optionalRenamed("username", Username).annotations(username),
  name: optionalRenamed("display_name", FullName).annotations({ description: "1 to 100 characters" }),
  bio: optionalRenamed("bio", Bio).annotations({ description: "At most 1,000 characters" }),
  avatarUrl: optionalRenamed(
    "avatar_url",
    Schema.NullOr(AvatarUrl).annotations({ description: "An http or https URL; null removes the avatar" }),
  ),
}).annotations(example({ display_name: "Ada King", bio: "Analyst", avatar_url: null }))

export const ProfileChange = Fields({
  name: optionalRenamed("display_name", FullName).annotations({ description: "1 to 100 characters" }),
  bio: optionalRenamed("bio", Bio).annotations({ description: "At most 1,000 characters" }),
  avatarUrl: optionalRenamed(
    "avatar_url",
    Schema.NullOr(AvatarUrl).annotations({ description: "An http or https URL; null removes the avatar" }),
  ),
}).annotations(example({ display_name: "Ada King", bio: "Analyst", avatar_url: null }))

export const userParam = HttpApiSchema.param(
  "id",
  UserId.annotations({ description: "The user's id", ...example(userExample.id) }),
)
