import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import {
  DisplayName,
  Email,
  EmailInput,
  FullName,
  StrongPassword,
} from "../../../domain/identity/Users/Model"
import { UserId } from "../../../domain/shared/Actor"
import { NonEmptyText } from "../../../domain/shared/Text"
import { RateLimits, SessionOnly } from "../../../http/Annotations"
import { Authenticated } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import { Fields, reportWithFieldErrors } from "../../../http/Fields"
import { rateLimits } from "../../../http/RateLimitPolicy"
import { accessToken, Me, PublicUser, refreshToken } from "../Body"
import { errors } from "../Errors"

const passwordRules = "8 to 256 characters, including an upper case letter, a lower case letter and a digit"

const Registration = Fields({
  email: Schema.propertySignature(Email).annotations({ description: "The email address to log in with" }),
  password: Schema.propertySignature(StrongPassword).annotations({ description: passwordRules }),
  display_name: Schema.optional(DisplayName).annotations({ description: "2 to 50 characters" }),
  name: Schema.optional(FullName).annotations({
    description: "Alternative to `display_name`: 1 to 100 characters",
  }),
})
  .pipe(
    Schema.filter(
      ({ display_name, name }) =>
        display_name === undefined && name === undefined
          ? { path: ["display_name"], message: "is required (or name)" }
          : undefined,
      reportWithFieldErrors,
    ),
  )
  .annotations(
    example({ email: "ada@example.com", password: "SecurePass123!", display_name: "Ada Lovelace" }),
  )

const MessageReply = Schema.Struct({ message: Schema.String }).annotations({
  ...example({ message: "Password updated successfully" }),
  description: "A confirmation",
})

export const endpoints = HttpApiGroup.make("auth")
  .add(
    HttpApiEndpoint.post("register", "/api/auth/register")
      .setPayload(Registration)
      .addSuccess(
        Schema.Struct({
          message: Schema.String.annotations(example("Registration successful")),
          user: PublicUser,
          id: UserId.annotations(example("019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01")),
          name: Schema.String.annotations(example("Ada Lovelace")),
          email: Schema.String.annotations(example("ada@example.com")),
          ...accessToken,
          ...refreshToken,
        }).annotations({ description: "The user and the tokens of a new session" }),
        { status: 201 },
      )
      .addError(errors.EmailTaken)
      .addError(errors.RegistrationClosed)
      .addError(errors.UserExistsError)
      .annotate(RateLimits, rateLimits.signUp)
      .annotate(OpenApi.Summary, "Register an account")
      .annotate(
        OpenApi.Description,
        "Creates an account and a session. The password needs at least 8 characters, including an upper case letter, a lower case letter and a digit. A registered email address is rejected with 409 if the request contains `display_name`, else with 400.",
      ),
  )
  .add(
    HttpApiEndpoint.post("login", "/api/auth/login")
      .setPayload(
        Fields({
          email: Schema.propertySignature(EmailInput).annotations({
            description: "The account's email address",
          }),
          password: Schema.propertySignature(NonEmptyText).annotations({
            description: "The account's password",
          }),
        }).annotations(example({ email: "ada@example.com", password: "SecurePass123!" })),
      )
      .addSuccess(
        Schema.Struct({ user: PublicUser, ...accessToken, ...refreshToken }).annotations({
          description: "The user and the tokens of a new session",
        }),
      )
      .addError(errors.InvalidCredentials)
      .addError(errors.AccountBanned)
      .addError(errors.AccountSuspended)
      .addError(errors.TooManySignIns)
      .addError(errors.TwoFactorRequired)
      .annotate(RateLimits, rateLimits.signIn)
      .annotate(OpenApi.Summary, "Log in")
      .annotate(
        OpenApi.Description,
        "Creates a session: returns an access token and a refresh token, and sets the session cookie for browsers.",
      ),
  )
  .add(
    HttpApiEndpoint.post("refresh", "/api/auth/refresh")
      .setPayload(
        Fields({
          refreshToken: Schema.optional(Schema.String).annotations({
            description: "The refresh token, unless it is sent as the bearer token",
          }),
          refresh_token: Schema.optional(Schema.String).annotations({
            description: "Alias of `refreshToken`",
          }),
        }).annotations(example({ refreshToken: "qZ0c8Xh3yQm5Wf7sJ1uTn9vBk2rLd4pGe6aYoIxSwDE" })),
      )
      .addSuccess(
        Schema.Struct({
          ...accessToken,
          refresh_token: Schema.optional(refreshToken.refresh_token),
          refreshToken: Schema.optional(refreshToken.refreshToken),
        }).annotations({
          description: "A new access token, and a new refresh token if the old one was consumed",
        }),
      )
      .addError(errors.InvalidRefreshToken)
      .annotate(RateLimits, rateLimits.refresh)
      .annotate(OpenApi.Summary, "Refresh the access token")
      .annotate(
        OpenApi.Description,
        "With the refresh token in the body, returns new tokens and consumes the refresh token; reusing a consumed refresh token revokes its session. With the refresh token as the bearer token, returns only a new access token and the refresh token stays valid.",
      ),
  )
  .add(
    HttpApiEndpoint.post("logout", "/api/auth/logout")
      .addSuccess(
        Schema.Struct({ success: Schema.Literal(true), message: Schema.String }).annotations({
          ...example({ success: true, message: "Successfully logged out" }),
          description: "The session was revoked",
        }),
      )
      .middleware(Authenticated)
      .annotate(SessionOnly, true)
      .annotate(OpenApi.Summary, "Log out")
      .annotate(
        OpenApi.Description,
        "Revokes the session. Its access token, refresh tokens and cookie become invalid immediately.",
      ),
  )
  .add(
    HttpApiEndpoint.get("me", "/api/auth/me")
      .addSuccess(Me)
      .addError(errors.UserNotFound)
      .middleware(Authenticated)
      .annotate(OpenApi.Summary, "Get the authenticated user")
      .annotate(OpenApi.Description, "Returns the user's profile, settings and usage."),
  )
  .add(
    HttpApiEndpoint.put("changePassword", "/api/auth/password")
      .setPayload(
        Fields({
          current_password: Schema.propertySignature(NonEmptyText).annotations({
            description: "The current password",
          }),
          new_password: Schema.propertySignature(StrongPassword).annotations({ description: passwordRules }),
        }).annotations(example({ current_password: "SecurePass123!", new_password: "NewPass456!" })),
      )
      .addSuccess(MessageReply)
      .addError(errors.WrongPassword)
      .middleware(Authenticated)
      .annotate(RateLimits, rateLimits.password)
      .annotate(SessionOnly, true)
      .annotate(OpenApi.Summary, "Change the password")
      .annotate(
        OpenApi.Description,
        "Revokes all other sessions of the user immediately. The session of the request stays valid.",
      ),
  )
  .annotate(RateLimits, rateLimits.other)
  .annotate(OpenApi.Title, "Account")
  .annotate(OpenApi.Description, "Accounts and sessions, shared by all contracts under /api.")
