import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { Users } from "../../domain/identity/Users"
import type { User } from "../../domain/identity/Users/Model"
import { Email, EmailInput, FullName, Password } from "../../domain/identity/Users/Model"
import { NonEmptyText } from "../../domain/shared/Text"
import { RateLimits } from "../../http/Annotations"
import { Authenticated, CurrentActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { Fields } from "../../http/Fields"
import { makeSessionCookie } from "../../http/middleware/SessionCookie"
import { rateLimits } from "../../http/RateLimitPolicy"
import { defineResource } from "../../http/Resource"
import { enveloped, Profile, SignedInBody, SignedUp } from "./Body"
import { errors } from "./Errors"

const endpoints = HttpApiGroup.make("auth")
  .add(
    HttpApiEndpoint.post("signUp", "/api/auth/signup")
      .setPayload(
        Fields({
          email: Schema.propertySignature(Email).annotations({
            description: "The email address to sign in with",
          }),
          password: Schema.propertySignature(Password).annotations({ description: "8 to 256 characters" }),
          fullName: Schema.propertySignature(FullName).annotations({ description: "The user's full name" }),
        }).annotations(
          example({ email: "ada@example.com", password: "SecurePass123!", fullName: "Ada Lovelace" }),
        ),
      )
      .addSuccess(enveloped("The new user", SignedUp, 201), { status: 201 })
      .addError(errors.EmailTaken)
      .addError(errors.RegistrationClosed)
      .annotate(RateLimits, rateLimits.signUp)
      .annotate(OpenApi.Summary, "Sign up")
      .annotate(
        OpenApi.Description,
        "Creates an account. The password must have 8 to 256 characters, without further requirements.",
      ),
  )
  .add(
    HttpApiEndpoint.post("signIn", "/api/auth/signin")
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
      .addSuccess(enveloped("The tokens of a new session and its user", SignedInBody))
      .addError(errors.InvalidCredentials)
      .addError(errors.AccountBanned)
      .addError(errors.AccountSuspended)
      .addError(errors.TooManySignIns)
      .addError(errors.TwoFactorRequired)
      .annotate(RateLimits, rateLimits.signIn)
      .annotate(OpenApi.Summary, "Sign in")
      .annotate(
        OpenApi.Description,
        "Creates a session: returns an access token that is valid for 15 minutes and a refresh token, and sets the session cookie for browsers.",
      ),
  )
  .add(
    HttpApiEndpoint.patch("updateProfile", "/api/auth/me")
      .setPayload(
        Fields({
          fullName: Schema.propertySignature(FullName).annotations({
            description: "The new full name",
          }),
        }).annotations(example({ fullName: "Ada King" })),
      )
      .addSuccess(enveloped("The updated profile", Profile))
      .addError(errors.UserNotFound)
      .middleware(Authenticated)
      .annotate(OpenApi.Summary, "Update the profile")
      .annotate(OpenApi.Description, "Changes the user's full name, which must have 1 to 100 characters."),
  )
  .annotate(OpenApi.Title, "Auth")
  .annotate(OpenApi.Description, "Accounts and sessions, as ChatGuide defines them.")

const toAuthUser = (user: User) => ({
  id: user.id,
  email: user.email,
  email_confirmed_at: user.emailVerifiedAt?.toISOString() ?? null,
  created_at: user.createdAt.toISOString(),
  user_metadata: { fullName: user.name },
})

const toProfile = (user: User) => {
  const shared = { email: user.email, emailVerified: user.emailVerifiedAt !== null, fullName: user.name }
  return {
    id: user.id,
    ...shared,
    emailVerifiedAt: user.emailVerifiedAt?.toISOString() ?? null,
    metadata: { fullName: user.name },
    dbUser: { id: user.id, supabaseId: user.id, ...shared, createdAt: user.createdAt.toISOString() },
  }
}

export const auth = defineResource({
  group: endpoints,
  prefixes: [],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const users = yield* Users
      const sessionCookie = yield* makeSessionCookie
      return handlers
        .handle("signUp", ({ payload }) =>
          Effect.gen(function* () {
            const user = yield* users.register({ ...payload, name: payload.fullName })
            return {
              user: toAuthUser(user),
              dbUser: { id: user.id, supabaseId: user.id, email: user.email, fullName: user.name },
              // The document's text, although an address needs no verification without a mail server.
              message: "Sign up successful. Please check your email to verify your account.",
            }
          }),
        )
        .handle("signIn", ({ payload }) =>
          Effect.gen(function* () {
            const { user, session } = yield* users.signIn(payload, payload.password)
            yield* sessionCookie.set(session.cookie)
            const { accessToken, refreshToken } = session
            return { accessToken, refreshToken, user: toAuthUser(user) }
          }),
        )
        .handle("updateProfile", ({ payload }) =>
          Effect.gen(function* () {
            const user = yield* users.updateProfile(yield* CurrentActor, { name: payload.fullName })
            return toProfile(user)
          }),
        )
    }),
})
