import { Schema } from "effect"
import type { Role, UserId } from "../../shared/Actor"
import { lengthBetween, MultilineText, NonEmptyText, SingleLineText, Text } from "../../shared/Text"

/** How a front end shall look; `system` is as the machine it runs on does. */
export const Theme = Schema.Literal("light", "dark", "system")
export type Theme = typeof Theme.Type

/** A person with an account. `email` is lower case; times are to the millisecond. */
export interface User {
  readonly id: UserId
  readonly email: string
  readonly name: string
  readonly role: Role
  readonly avatarUrl: string | null
  readonly bio: string
  readonly theme: Theme
  readonly notificationsEnabled: boolean
  /** The tag of the language that they read: `en`, `pt-BR`. */
  readonly language: string
  /** Null until the address is known to be theirs; without a mail server it is taken as given. */
  readonly emailVerifiedAt: Date | null
  readonly bannedAt: Date | null
  readonly banReason: string | null
  readonly createdAt: Date
}

const Composed = Schema.transform(Schema.String, Schema.String, {
  strict: true,
  decode: (text) => text.normalize("NFC"),
  encode: (text) => text,
})

/** What may be an address, as addresses are stored and compared: trimmed, lower case, in one spelling. */
export const Address = Composed.pipe(
  Schema.compose(Schema.Trim, { strict: false }),
  Schema.compose(Schema.Lowercase),
  Schema.compose(NonEmptyText, { strict: false }),
)

const label = String.raw`[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]*[\p{L}\p{N}\p{M}])?`

/** Nothing that a screen leaves out, so that two addresses do not look alike; after the @ a host's name. */
const mailbox = new RegExp(String.raw`^[^\s\p{C}\p{DI}@"<>(),;:\\]+@${label}(?:\.${label})+$`, "u")

/** An email address. */
export const Email = Address.pipe(
  Schema.maxLength(254, { message: () => "must be at most 254 characters" }),
  Schema.pattern(mailbox, { message: () => "must be a valid email address" }),
  Schema.annotations({ jsonSchema: { type: "string", format: "email", maxLength: 254 } }),
)

/** What a person is called: 2 to 50 characters. */
export const DisplayName = SingleLineText(2, 50)

/** A name as the contracts without a rule for it take it: 1 to 100 characters. */
export const FullName = SingleLineText(1, 100)

/** 8 to 256 characters, nothing else asked. */
export const Password = Text.pipe(
  Schema.filter((password) => lengthBetween(password, 0, 256) || "must be at most 256 characters"),
  Schema.filter((password) => lengthBetween(password, 8, 256) || "must be at least 8 characters"),
  Schema.annotations({ jsonSchema: { type: "string", minLength: 8, maxLength: 256 } }),
)

/** A password with an upper case letter, a lower case letter and a digit besides. */
export const StrongPassword = Password.pipe(
  Schema.filter(
    (password) =>
      (/\p{Lu}/u.test(password) && /\p{Ll}/u.test(password) && /\p{Nd}/u.test(password)) ||
      "must contain an upper case letter, a lower case letter and a digit",
  ),
)

const isWebAddress = (text: string) => {
  const scheme = URL.canParse(text) ? new URL(text).protocol : ""
  return scheme === "http:" || scheme === "https:"
}

/** Where a picture is: an http(s) URL of at most 2048 characters. */
export const AvatarUrl = Text.pipe(
  Schema.maxLength(2048, { message: () => "must be at most 2048 characters" }),
  Schema.filter((text) => isWebAddress(text) || "must be an http or https URL"),
  Schema.annotations({ jsonSchema: { type: "string", format: "uri", maxLength: 2048 } }),
)

/** What a person says of themselves: at most 1,000 characters. */
export const Bio = MultilineText(0, 1000)

/** A language's tag: `en`, `pt-BR`, `zh-Hant-TW`. */
export const Language = Text.pipe(
  Schema.filter(
    (tag) => (/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(tag) && tag.length <= 35) || "must be a language tag",
    { jsonSchema: { type: "string", maxLength: 35 } },
  ),
)

/** Why somebody is banned: at most 1,000 characters, or nothing. */
export const BanReason = MultilineText(0, 1000)

/** What is left out stays as it is. */
export type ProfileChange = Partial<Pick<User, "name" | "bio" | "avatarUrl">>
export type SettingsChange = Partial<Pick<User, "theme" | "notificationsEnabled" | "language">>

export interface NewUser {
  readonly email: string
  readonly password: string
  readonly name: string
}
