import { Schema } from "effect"
import type { Role, UserId } from "../../kernel/Actor"
import { Line, NonEmptyText, Text } from "../../kernel/Text"

/** A person with an account. `email` is lower case; times are to the millisecond. */
export interface User {
  readonly id: UserId
  readonly email: string
  readonly name: string
  readonly role: Role
  readonly avatarUrl: string | null
  readonly bio: string
  readonly theme: string
  readonly notificationsEnabled: boolean
  /** Null until the address is known to be theirs; without a mail server it is taken as given. */
  readonly emailVerifiedAt: Date | null
  readonly bannedAt: Date | null
  readonly banReason: string | null
  readonly createdAt: Date
}

/** What may be an address, as addresses are stored and compared: trimmed and lower case. */
export const Address = Schema.compose(Schema.compose(Schema.Trim, Schema.Lowercase), NonEmptyText, {
  strict: false,
})

/** An email address. */
export const Email = Address.pipe(
  Schema.maxLength(254, { message: () => "must be at most 254 characters" }),
  Schema.pattern(/^[^\s@\u0000"<>(),;:\\]+@[^\s@\u0000"<>(),;:\\]+\.[^\s@\u0000"<>(),;:\\.]+$/, {
    message: () => "must be a valid email address",
  }),
  Schema.annotations({ jsonSchema: { type: "string", format: "email", maxLength: 254 } }),
)

/** What a person is called: 2 to 50 characters. */
export const DisplayName = Line(2, 50)

/** A name as the contracts without a rule for it take it: 1 to 100 characters. */
export const FullName = Line(1, 100)

/** 8 to 256 characters, nothing else asked. */
export const Password = Text.pipe(
  Schema.minLength(8, { message: () => "must be at least 8 characters" }),
  Schema.maxLength(256, { message: () => "must be at most 256 characters" }),
)

/** A password with an upper case letter, a lower case letter and a digit besides. */
export const StrongPassword = Password.pipe(
  Schema.filter(
    (password) =>
      (/\p{Lu}/u.test(password) && /\p{Ll}/u.test(password) && /\p{Nd}/u.test(password)) ||
      "must contain an upper case letter, a lower case letter and a digit",
  ),
)

export interface NewUser {
  readonly email: string
  readonly password: string
  readonly name: string
}
