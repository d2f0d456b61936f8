import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import type { MfaMethod } from "../../../domain/identity/MfaMethods/Model"
import { SessionOnly } from "../../../http/Annotations"
import { Authenticated } from "../../../http/Authenticated"
import { enveloped } from "../Envelope"
import { errors } from "../Errors"
import {
  BackupCodes,
  Code,
  Password,
  Phone,
  Registration,
  SentEnrollmentCode,
  TotpSecret,
  TwoFactor,
  WebAuthnOptions,
} from "./Bodies"

const enabled = enveloped("Backup codes, if it is the first method", BackupCodes)

/** Says what enabling a method does, which is the same for all. */
const enabling =
  "With the first method the account gets ten backup codes, which are returned this once, and its other sessions end, since the password alone created them. An enrollment lasts ten minutes and allows five attempts."

/** Disables one method: static paths such as `totp` come before a parameter in its place. */
const disable = <const Name extends string>(name: Name, method: MfaMethod, title: string) =>
  HttpApiEndpoint.del(name, `/v1/auth/2fa/${method}`)
    .setPayload(Password)
    .addSuccess(HttpApiSchema.NoContent)
    .addError(errors.WrongPassword)
    .addError(errors.TooManyCodes)
    .addError(errors.MethodNotEnabled)
    .annotate(OpenApi.Summary, `Disable ${title}`)
    .annotate(
      OpenApi.Description,
      "Deletes the method. Without any left, the password alone signs in, and the backup codes are deleted.",
    )

export const endpoints = HttpApiGroup.make("twoFactor")
  .add(
    HttpApiEndpoint.get("v1ListTwoFactorMethods", "/v1/auth/2fa")
      .addSuccess(enveloped("The account's second factors", TwoFactor))
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "List second factors")
      .annotate(OpenApi.Description, "Returns the enabled methods and those that the server offers."),
  )
  .add(
    HttpApiEndpoint.post("v1StartTotp", "/v1/auth/2fa/totp")
      .setPayload(Password)
      .addSuccess(enveloped("The secret", TotpSecret))
      .addError(errors.WrongPassword)
      .addError(errors.TooManyCodes)
      .addError(errors.MethodAlreadyEnabled)
      .annotate(OpenApi.Summary, "Enroll an authenticator app")
      .annotate(
        OpenApi.Description,
        "Generates a secret for six-digit codes by time (RFC 6238: SHA-1, 30 seconds). It takes effect when a code of it is verified.",
      ),
  )
  .add(
    HttpApiEndpoint.post("v1VerifyTotp", "/v1/auth/2fa/totp/verify")
      .setPayload(Code)
      .addSuccess(enabled)
      .addError(errors.InvalidTwoFactorCode)
      .addError(errors.EnrollmentNotFound)
      .addError(errors.MethodAlreadyEnabled)
      .annotate(OpenApi.Summary, "Enable the authenticator app")
      .annotate(OpenApi.Description, `Verifies a code of the new secret and enables it. ${enabling}`),
  )
  .add(
    HttpApiEndpoint.post("v1StartSms", "/v1/auth/2fa/sms")
      .setPayload(Phone)
      .addSuccess(enveloped("Where the code was sent", SentEnrollmentCode))
      .addError(errors.WrongPassword)
      .addError(errors.TooManyCodes)
      .addError(errors.MethodAlreadyEnabled)
      .addError(errors.MethodUnavailable)
      .addError(errors.SmsFailed)
      .annotate(OpenApi.Summary, "Enroll a phone")
      .annotate(
        OpenApi.Description,
        "Sends a code by text message, if the server can: see `SMS_WEBHOOK_URL` in its configuration.",
      ),
  )
  .add(
    HttpApiEndpoint.post("v1VerifySms", "/v1/auth/2fa/sms/verify")
      .setPayload(Code)
      .addSuccess(enabled)
      .addError(errors.InvalidTwoFactorCode)
      .addError(errors.EnrollmentNotFound)
      .addError(errors.MethodAlreadyEnabled)
      .annotate(OpenApi.Summary, "Enable the phone")
      .annotate(OpenApi.Description, `Verifies the code and enables codes by text message. ${enabling}`),
  )
  .add(
    HttpApiEndpoint.post("v1StartEmailCodes", "/v1/auth/2fa/email")
      .setPayload(Password)
      .addSuccess(enveloped("Where the code was sent", SentEnrollmentCode))
      .addError(errors.WrongPassword)
      .addError(errors.TooManyCodes)
      .addError(errors.MethodAlreadyEnabled)
      .addError(errors.MethodUnavailable)
      .addError(errors.SmsFailed)
      .annotate(OpenApi.Summary, "Enroll codes by mail")
      .annotate(OpenApi.Description, "Mails a code to the account's address."),
  )
  .add(
    HttpApiEndpoint.post("v1VerifyEmailCodes", "/v1/auth/2fa/email/verify")
      .setPayload(Code)
      .addSuccess(enabled)
      .addError(errors.InvalidTwoFactorCode)
      .addError(errors.EnrollmentNotFound)
      .addError(errors.MethodAlreadyEnabled)
      .annotate(OpenApi.Summary, "Enable codes by mail")
      .annotate(OpenApi.Description, `Verifies the code and enables codes by mail. ${enabling}`),
  )
  .add(
    HttpApiEndpoint.post("v1StartWebAuthn", "/v1/auth/2fa/webauthn/options")
      .setPayload(Password)
      .addSuccess(enveloped("Options for `navigator.credentials.create`, as JSON", WebAuthnOptions))
      .addError(errors.WrongPassword)
      .addError(errors.TooManyCodes)
      .annotate(OpenApi.Summary, "Enroll a security key or passkey")
      .annotate(
        OpenApi.Description,
        "Returns the options of a registration by the page that sends the request: its `Origin` must be this server's (`PUBLIC_URL`) or one of `CORS_ORIGINS`, and its host is the relying party. An account may have several keys.",
      ),
  )
  .add(
    HttpApiEndpoint.post("v1VerifyWebAuthn", "/v1/auth/2fa/webauthn/verify")
      .setPayload(Registration)
      .addSuccess(enabled)
      .addError(errors.InvalidTwoFactorCode)
      .addError(errors.EnrollmentNotFound)
      .addError(errors.MethodAlreadyEnabled)
      .annotate(OpenApi.Summary, "Enable the security key or passkey")
      .annotate(
        OpenApi.Description,
        `Verifies the browser's response and stores the public key. ${enabling}`,
      ),
  )
  .add(
    HttpApiEndpoint.post("v1ReplaceBackupCodes", "/v1/auth/2fa/backup-codes")
      .setPayload(Password)
      .addSuccess(enveloped("The new codes", BackupCodes))
      .addError(errors.WrongPassword)
      .addError(errors.TooManyCodes)
      .addError(errors.MethodNotEnabled)
      .annotate(OpenApi.Summary, "Replace the backup codes")
      .annotate(
        OpenApi.Description,
        "Returns ten new codes, this once. The old ones become invalid. Without an enabled method there are none.",
      ),
  )
  .add(disable("v1DisableTotp", "totp", "the authenticator app"))
  .add(disable("v1DisableSms", "sms", "codes by text message"))
  .add(disable("v1DisableEmailCodes", "email", "codes by mail"))
  .add(disable("v1DisableWebAuthn", "webauthn", "all security keys and passkeys"))
  .middleware(Authenticated)
  .annotate(SessionOnly, true)
  .annotate(OpenApi.Title, "Second factors")
  .annotate(
    OpenApi.Description,
    "Methods that an account needs for signing in, beside the password. Sign-ins through the other contracts are rejected with a challenge that `POST /v1/auth/login/2fa` completes.",
  )
