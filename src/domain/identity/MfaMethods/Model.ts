import { Duration, Schema } from "effect"
import { Text } from "../../shared/Text"

/** A second factor: an authenticator app, codes by text message or mail, or a security key or passkey. */
export const MfaMethod = Schema.Literal("totp", "sms", "email", "webauthn")
export type MfaMethod = typeof MfaMethod.Type

/** What mails call the methods. */
export const methodNames: Readonly<Record<MfaMethod, string>> = {
  totp: "an authenticator app",
  sms: "codes by text message",
  email: "codes by mail",
  webauthn: "a security key or passkey",
}

/** What proves the second factor at sign-in: a method or one of the backup codes. */
export const MfaProofMethod = Schema.Literal(...MfaMethod.literals, "backup_code")
export type MfaProofMethod = typeof MfaProofMethod.Type

/** A method that a user has enabled. */
export const EnabledMethod = Schema.Struct({
  method: MfaMethod,
  /** Where codes are sent, mostly masked; null for other methods. */
  destination: Schema.NullOr(Schema.String),
  createdAt: Schema.DateFromSelf,
})
export type EnabledMethod = typeof EnabledMethod.Type

/** A phone number in the international format E.164: `+4915112345678`. */
export const PhoneNumber = Text.pipe(
  Schema.pattern(/^\+[1-9]\d{6,14}$/, {
    message: () => "must be an international phone number: +4915112345678",
  }),
  Schema.annotations({ jsonSchema: { type: "string", pattern: "^\\+[1-9]\\d{6,14}$" } }),
)

/** How long an enrollment can be verified, and how often. */
export const enrollmentTtl = Duration.minutes(10)
export const maxAttempts = 5

export const backupCodeCount = 10

/** Hides most of an email address or a phone number: `a***@example.com`, `+49***78`. */
export const mask = (destination: string) => {
  const at = destination.lastIndexOf("@")
  return at === -1
    ? `${destination.slice(0, 3)}***${destination.slice(-2)}`
    : `${destination.slice(0, 1)}***${destination.slice(at)}`
}
