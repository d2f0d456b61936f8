import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { MailedToken } from "../../../domain/identity/MailedTokens/Model"
import { MfaProofMethod } from "../../../domain/identity/MfaMethods/Model"
import { Email, EmailInput, FullName, StrongPassword, Username } from "../../../domain/identity/Users/Model"
import { NonEmptyText } from "../../../domain/shared/Text"
import { RateLimits, SessionOnly } from "../../../http/Annotations"
import { Authenticated } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import {
  constant,
  Fields,
  optional,
  optionalRenamed,
  renamed,
  reportWithFieldErrors,
} from "../../../http/Fields"
import { rateLimits } from "../../../http/RateLimitPolicy"
import { enveloped } from "../Envelope"
import { errors } from "../Errors"
import { Assertion, WebAuthnOptions } from "../TwoFactor/Bodies"
import { Account, AccountChange, username } from "../Users/Bodies"

const refreshTokenExample = "qZ0c8Xh3yQm5Wf7sJ1uTn9vBk2rLd4pGe6aYoIxSwDE"
const mailedTokenExample = "Yb1kT8mZr4uPq6wE2xN0cVfJh7sLd3gAo9iRtQyUeWk"
const passwordRules = "8 to 256 characters, including an upper case letter, a lower case letter and a digit"

const tokenFields = {
  accessToken: renamed(
    "access_token",
    Schema.String.annotations({
      description: "To be sent as a bearer token",
      ...example("eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJpc3MiOiJwYXJsZXkifQ.0m3zV5nEa1s"),
    }),
  ),
  refreshToken: renamed(
    "refresh_token",
    Schema.String.annotations({
      description: "Single-use; exchange it for new tokens at /v1/auth/refresh",
      ...example(refreshTokenExample),
    }),
  ),
  tokenType: constant("Bearer").pipe(Schema.fromKey("token_type")),
  expiresIn: renamed(
    "expires_in",
    Schema.Int.annotations({ description: "Lifetime of the access token in seconds", ...example(900) }),
  ),
}

const Tokens = Schema.Struct(tokenFields).annotations({ identifier: "PlexiChatTokens" })

const SignedIn = Schema.Struct({
  ...tokenFields,
  user: Account,
  motd: Schema.String.annotations({ description: "The message of the day; empty for none", ...example("") }),
}).annotations({
  identifier: "PlexiChatSignedIn",
})

const challengeToken = renamed(
  "challenge_token",
  NonEmptyText.annotations({
    description: "Proves the password, for five minutes",
    ...example(refreshTokenExample),
  }),
)

const TwoFactorChallenge = Schema.Struct({
  requiresTwoFactor: renamed(
    "requires_2fa",
    Schema.Literal(true).annotations({ description: "The account has a second factor", ...example(true) }),
  ),
  challengeToken,
  methods: Schema.Array(MfaProofMethod).annotations({
    description: "The methods that complete the sign-in",
    ...example(["totp", "backup_code"]),
  }),
}).annotations({ identifier: "PlexiChatTwoFactorChallenge" })

const SentChallenge = Schema.Struct({
  method: Schema.Literal("sms", "email", "webauthn").annotations({ description: "The requested method" }),
  destination: Schema.NullOr(Schema.String).annotations({
    description: "Where the code was sent, mostly masked; null for `webauthn`",
    ...example("a***@example.com"),
  }),
  options: Schema.NullOr(WebAuthnOptions).annotations({
    description: "Options for `navigator.credentials.get`, as JSON; null for other methods",
    ...example(null),
  }),
}).annotations({ identifier: "PlexiChatSentChallenge" })

const Confirmation = (message: string) =>
  Schema.Struct({ message: Schema.String.annotations(example(message)) })

const Credentials = Fields({
  email: optional(EmailInput).annotations({ description: "The account's email address" }),
  username: optional(NonEmptyText).annotations({ description: "The account's username, instead of `email`" }),
  password: Schema.propertySignature(NonEmptyText).annotations({ description: "The account's password" }),
}).pipe(
  Schema.filter(
    ({ email, username }) =>
      email !== undefined ||
      username !== undefined || { path: ["email"], message: "is required (or username)" },
    reportWithFieldErrors,
  ),
  Schema.annotations({ ...example({ email: "ada@example.com", password: "SecurePass123!" }) }),
)

const mailedToken = Schema.propertySignature(MailedToken).annotations({
  description: "The `token` of the link in the mail",
})

export const endpoints = HttpApiGroup.make("auth")
  .add(
    HttpApiEndpoint.post("v1Register", "/v1/auth/register")
      .setPayload(
        Fields({
          email: renamed("email", Email).annotations({
            description: "The email address to sign in with",
          }),
          password: renamed("password", StrongPassword).annotations({ description: passwordRules }),
          username: optionalRenamed("username", Username).annotations({
            description: `${username.description}; by default it derives from the email address`,
          }),
          name: optionalRenamed("display_name", FullName).annotations({
            description: "1 to 100 characters; by default the username",
          }),
        }).annotations(
          example({
            email: "ada@example.com",
            password: "SecurePass123!",
            username: "ada",
            display_name: "Ada Lovelace",
          }),
        ),
      )
      .addSuccess(enveloped("The user and the tokens of a new session", SignedIn), { status: 201 })
      .addError(errors.EmailTaken)
      .addError(errors.RegistrationClosed)
      .addError(errors.UsernameTaken)
      .annotate(RateLimits, rateLimits.plexiChatAuth)
      .annotate(OpenApi.Summary, "Register an account")
      .annotate(
        OpenApi.Description,
        "Creates an account and a session. With a mail server, a link that verifies the email address is mailed.",
      ),
  )
  .add(
    HttpApiEndpoint.post("v1Login", "/v1/auth/login")
      .setPayload(Credentials)
      .addSuccess(
        enveloped(
          "The user and the tokens of a new session, or the challenge of an account with a second factor",
          Schema.Union(SignedIn, TwoFactorChallenge),
        ),
      )
      .addError(errors.InvalidCredentials)
      .addError(errors.AccountBanned)
      .addError(errors.AccountSuspended)
      .addError(errors.TooManySignIns)
      .annotate(RateLimits, rateLimits.plexiChatAuth)
      .annotate(OpenApi.Summary, "Log in")
      .annotate(
        OpenApi.Description,
        "Creates a session: returns an access token and a refresh token, and sets the session cookie for browsers.",
      ),
  )
  .add(
    HttpApiEndpoint.post("v1CompleteLogin", "/v1/auth/login/2fa")
      .setPayload(
        Fields({
          challengeToken,
          method: optionalRenamed(
            "method",
            MfaProofMethod.annotations({
              description: "The method of the proof; without it, a code may be of any method",
            }),
          ),
          code: optionalRenamed(
            "code",
            NonEmptyText.annotations({ description: "The code or a backup code" }),
          ),
          assertion: optionalRenamed(
            "assertion",
            Assertion.annotations({
              description:
                "Instead of `code`, the `PublicKeyCredential` that `navigator.credentials.get` returned, as JSON",
            }),
          ),
        }).pipe(
          Schema.filter(
            ({ code, assertion }) =>
              code !== undefined ||
              assertion !== undefined || { path: ["code"], message: "is required (or assertion)" },
            reportWithFieldErrors,
          ),
          Schema.annotations({ ...example({ challenge_token: refreshTokenExample, code: "492039" }) }),
        ),
      )
      .addSuccess(enveloped("The user and the tokens of a new session", SignedIn))
      .addError(errors.InvalidChallenge)
      .addError(errors.InvalidTwoFactorCode)
      .addError(errors.TooManyCodes)
      .addError(errors.AccountBanned)
      .addError(errors.AccountSuspended)
      .annotate(RateLimits, rateLimits.plexiChatAuth)
      .annotate(OpenApi.Summary, "Complete a login with the second factor")
      .annotate(
        OpenApi.Description,
        "Consumes the challenge of a login and creates the session. A challenge allows five attempts.",
      ),
  )
  .add(
    HttpApiEndpoint.post("v1SendLoginCode", "/v1/auth/login/2fa/send")
      .setPayload(
        Fields({
          challengeToken,
          method: renamed(
            "method",
            Schema.Literal("sms", "email", "webauthn").annotations({
              description: "How to prove the second factor; other methods need nothing sent",
            }),
          ),
        }).annotations(example({ challenge_token: refreshTokenExample, method: "email" })),
      )
      .addSuccess(enveloped("Where the code was sent, or the options for the security key", SentChallenge))
      .addError(errors.InvalidChallenge)
      .addError(errors.MethodNotEnabled)
      .addError(errors.MethodUnavailable)
      .addError(errors.TooManyCodes)
      .addError(errors.SmsFailed)
      .annotate(RateLimits, rateLimits.plexiChatAuth)
      .annotate(OpenApi.Summary, "Send the code of a login")
      .annotate(
        OpenApi.Description,
        "Sends a code by text message or mail, or returns the options with which the page that sends the request asks for a security key. A later code replaces an earlier one.",
      ),
  )
  .add(
    HttpApiEndpoint.post("v1Refresh", "/v1/auth/refresh")
      .setPayload(
        Fields({
          refreshToken: renamed("refresh_token", NonEmptyText).annotations({
            description: "The refresh token",
          }),
        }).annotations(example({ refresh_token: refreshTokenExample })),
      )
      .addSuccess(enveloped("New tokens of the session", Tokens))
      .addError(errors.InvalidRefreshToken)
      .annotate(RateLimits, rateLimits.refresh)
      .annotate(OpenApi.Summary, "Refresh the access token")
      .annotate(
        OpenApi.Description,
        "Consumes the refresh token; using a consumed one again revokes its session.",
      ),
  )
  .add(
    HttpApiEndpoint.post("v1Logout", "/v1/auth/logout")
      .addSuccess(enveloped("The session was revoked", Confirmation("Logged out.")))
      .middleware(Authenticated)
      .annotate(SessionOnly, true)
      .annotate(OpenApi.Summary, "Log out")
      .annotate(
        OpenApi.Description,
        "Revokes the session. Its access token, refresh tokens and cookie become invalid immediately.",
      ),
  )
  .add(
    HttpApiEndpoint.post("v1ForgotPassword", "/v1/auth/forgot-password")
      .setPayload(
        Fields({
          email: Schema.propertySignature(Email).annotations({
            description: "The account's email address",
          }),
        }).annotations(example({ email: "ada@example.com" })),
      )
      .addSuccess(
        enveloped(
          "The same whether or not the address has an account",
          Confirmation("If the address has an account, a mail is on its way."),
        ),
      )
      .annotate(RateLimits, rateLimits.plexiChatAuth)
      .annotate(OpenApi.Summary, "Request a password reset")
      .annotate(
        OpenApi.Description,
        "Mails a link that resets the password, once within 30 minutes. Neither the response nor its time tells whether the address has an account.",
      ),
  )
  .add(
    HttpApiEndpoint.post("v1ResetPassword", "/v1/auth/reset-password")
      .setPayload(
        Fields({
          token: mailedToken,
          password: Schema.propertySignature(StrongPassword).annotations({ description: passwordRules }),
        }).annotations(example({ token: mailedTokenExample, password: "NewPass456!" })),
      )
      .addSuccess(enveloped("The password was changed", Confirmation("Password changed. Log in with it.")))
      .addError(errors.InvalidMailedToken)
      .annotate(RateLimits, rateLimits.plexiChatAuth)
      .annotate(OpenApi.Summary, "Reset the password")
      .annotate(
        OpenApi.Description,
        "Changes the password by the token of a mail, revokes all sessions of the user and verifies the email address.",
      ),
  )
  .add(
    HttpApiEndpoint.post("v1VerifyEmail", "/v1/auth/verify-email")
      .setPayload(Fields({ token: mailedToken }).annotations(example({ token: mailedTokenExample })))
      .addSuccess(enveloped("The email address is verified", Confirmation("Email address verified.")))
      .addError(errors.InvalidMailedToken)
      .annotate(RateLimits, rateLimits.plexiChatAuth)
      .annotate(OpenApi.Summary, "Verify the email address")
      .annotate(
        OpenApi.Description,
        "Verifies the address by the token of the mail that registration sends.",
      ),
  )
  .add(
    HttpApiEndpoint.get("v1GetMe", "/v1/auth/me")
      .addSuccess(enveloped("The user", Account))
      .addError(errors.UserNotFound)
      .middleware(Authenticated)
      .annotate(OpenApi.Summary, "Get the authenticated user")
      .annotate(OpenApi.Description, "Returns the user's account."),
  )
  .add(
    HttpApiEndpoint.put("v1UpdateMe", "/v1/auth/me")
      .setPayload(AccountChange)
      .addSuccess(enveloped("The user", Account))
      .addError(errors.UserNotFound)
      .addError(errors.UsernameTaken)
      .middleware(Authenticated)
      .annotate(OpenApi.Summary, "Update the authenticated user")
      .annotate(OpenApi.Description, "Updates the fields that are present."),
  )
  .add(
    HttpApiEndpoint.del("v1DeleteMe", "/v1/auth/me")
      .addSuccess(HttpApiSchema.NoContent)
      .addError(errors.DeletionNotAllowed)
      .addError(errors.UserNotFound)
      .middleware(Authenticated)
      .annotate(SessionOnly, true)
      .annotate(OpenApi.Summary, "Delete the account")
      .annotate(
        OpenApi.Description,
        "Deletes the user's account with all its chats, documents and files, revokes its sessions and cancels its generations. Organizations, teams, projects and channels with other members pass to one of them; messages in channels stay without an author.",
      ),
  )
  .annotate(OpenApi.Title, "Authentication")
  .annotate(OpenApi.Description, "Accounts and their sessions.")
