import { Schema } from "effect"
import { Role, UserId } from "../../shared/Actor"
import { lengthBetween, MultilineText, NonEmptyText, SingleLineText, Text } from "../../shared/Text"
import { type AccountStatus, StoredStatus } from "../AccountStatus"
import { normalizeEmail, problemOfEmail } from "./EmailAddress"

/** A front end's color theme; `system` follows the operating system. */
export const Theme = Schema.Literal("light", "dark", "system")
export type Theme = typeof Theme.Type

/** A registered user. `email` is normalized; timestamps have millisecond precision. */
export const User = Schema.Struct({
  id: UserId,
  email: Schema.String,
  /** Names the user in mentions and at sign-in; unique, ignoring case. */
  username: Schema.String,
  name: Schema.String,
  role: Role,
  avatarUrl: Schema.NullOr(Schema.String),
  bio: Schema.String,
  theme: Theme,
  notificationsEnabled: Schema.Boolean,
  /** The tag of the preferred language: `en`, `pt-BR`. */
  language: Schema.String,
  /** Null until the email address is verified; without a mail server it counts as verified at registration. */
  emailVerifiedAt: Schema.NullOr(Schema.DateFromSelf),
  ...StoredStatus.fields,
  createdAt: Schema.DateFromSelf,
})
export type User = typeof User.Type

const NormalizedEmail = Schema.transform(Schema.String, Schema.String, {
  strict: true,
  decode: normalizeEmail,
  encode: (text) => text,
})

/** Normalizes the input of an email address to the stored form, without validating it. */
export const EmailInput = NormalizedEmail.pipe(Schema.compose(NonEmptyText, { strict: false }))

/** An email address that looks like no other one. */
export const Email = EmailInput.pipe(
  Schema.maxLength(254, { message: () => "must be at most 254 characters" }),
  Schema.filter((address) => problemOfEmail(address) ?? true),
  Schema.annotations({ jsonSchema: { type: "string", format: "email", maxLength: 254 } }),
)

/** A username of 3 to 32 ASCII letters, digits, `.`, `_` and `-`, so that no two look alike. */
export const Username = Schema.Trim.pipe(
  Schema.pattern(/^(?=.{3,32}$)[a-z0-9](?:[a-z0-9._-]*[a-z0-9_-])?$/i, {
    message: () =>
      "must have 3 to 32 letters, digits, periods, underscores or hyphens, begin with a letter or digit and not end with a period",
  }),
  Schema.annotations({ jsonSchema: { type: "string", minLength: 3, maxLength: 32 } }),
)

/** A display name of 2 to 50 characters. */
export const DisplayName = SingleLineText(2, 50)

/** A name of 1 to 100 characters, for contracts that state no rule. */
export const FullName = SingleLineText(1, 100)

/** A password of 8 to 256 characters. */
export const Password = Text.pipe(
  Schema.filter((password) => lengthBetween(password, 0, 256) || "must be at most 256 characters"),
  Schema.filter((password) => lengthBetween(password, 8, 256) || "must be at least 8 characters"),
  Schema.annotations({ jsonSchema: { type: "string", minLength: 8, maxLength: 256 } }),
)

/** A password that contains an upper case letter, a lower case letter and a digit. */
export const StrongPassword = Password.pipe(
  Schema.filter(
    (password) =>
      (/\p{Lu}/u.test(password) && /\p{Ll}/u.test(password) && /\p{Nd}/u.test(password)) ||
      "must contain an upper case letter, a lower case letter and a digit",
  ),
)

const isHttpUrl = (text: string) => {
  const scheme = URL.canParse(text) ? new URL(text).protocol : ""
  return scheme === "http:" || scheme === "https:"
}

/** The http(s) URL of an avatar, at most 2048 characters. */
export const AvatarUrl = Text.pipe(
  Schema.maxLength(2048, { message: () => "must be at most 2048 characters" }),
  Schema.filter((text) => isHttpUrl(text) || "must be an http or https URL"),
  Schema.annotations({ jsonSchema: { type: "string", format: "uri", maxLength: 2048 } }),
)

/** A user's description of themselves: at most 1,000 characters. */
export const Bio = MultilineText(0, 1000)

/** A language tag: `en`, `pt-BR`, `zh-Hant-TW`. */
export const Language = Text.pipe(
  Schema.filter(
    (tag) => (/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(tag) && tag.length <= 35) || "must be a language tag",
    { jsonSchema: { type: "string", maxLength: 35 } },
  ),
)

/** The reason for a ban or a suspension: at most 1,000 characters, may be empty. */
export const StatusReason = MultilineText(0, 1000)

/** The profile fields to change; absent ones stay unchanged. */
export type ProfileChange = Partial<Pick<User, "name" | "bio" | "avatarUrl">>
export type AccountChange = ProfileChange & Partial<Pick<User, "username">>
export type SettingsChange = Partial<Pick<User, "theme" | "notificationsEnabled" | "language">>

/** A user at sign-in. */
export type UserKey = { readonly email: string } | { readonly username: string }

/** A status to give to an account; `until` ends a suspension by itself. */
export interface StatusChange {
  readonly status: AccountStatus
  readonly reason?: string | undefined
  readonly until?: Date | null | undefined
}

export interface NewUser {
  readonly email: string
  readonly password: string
  readonly name: string
}
