import { Duration, Schema } from "effect"

/** What the token permits. */
export type MailedTokenPurpose = "verify_email" | "reset_password"

/** The text of a token: 256 bits in base64url. */
export const MailedToken = Schema.String.pipe(
  Schema.pattern(/^[\w-]{43}$/, { message: () => "must be the token of a mail" }),
)

/** How long a token of a mail works. */
export const mailedTokenTtl: Readonly<Record<MailedTokenPurpose, Duration.Duration>> = {
  verify_email: Duration.hours(24),
  reset_password: Duration.minutes(30),
}

/** Limits the mails that anyone can have sent to the address of another user. */
export const MAX_ACTIVE_TOKENS = 5
