import {
  HttpApi,
  HttpApiEndpoint,
  HttpApiGroup,
  HttpApiMiddleware,
  HttpApiSchema,
  OpenApi,
} from "@effect/platform"
import { Schema } from "effect"
import { Address, DisplayName, Email, FullName, StrongPassword } from "../../domain/identity/Users/Model"
import { UserId } from "../../domain/shared/Actor"
import { NonEmptyText } from "../../domain/shared/Text"
import { Limits } from "../../http/Annotations"
import { besideOthers, Fields } from "../../http/Fields"
import { CurrentActor } from "../../http/middleware/RequestActor"
import { security } from "../../http/middleware/SessionCookie"
import { Timestamp } from "../../http/Params"
import { limits } from "../../http/RateLimitPolicy"
import { accessToken, Me, PublicUser, refreshToken } from "./Body"
import * as Errors from "./Errors"

/** Nobody gets past this who is not signed in, by bearer token or session cookie. */
export class SignedIn extends HttpApiMiddleware.Tag<SignedIn>()("Account/SignedIn", {
  failure: Errors.NotSignedIn,
  provides: CurrentActor,
  security,
}) {}

const strong = "8 to 256 characters, upper and lower case and a digit among them"

const Registration = Fields({
  email: Schema.propertySignature(Email).annotations({ description: "The address to sign in with" }),
  password: Schema.propertySignature(StrongPassword).annotations({ description: strong }),
  display_name: Schema.optional(DisplayName).annotations({ description: "2 to 50 characters" }),
  name: Schema.optional(FullName).annotations({
    description: "Instead of `display_name`: 1 to 100 characters",
  }),
}).pipe(
  Schema.filter(
    ({ display_name, name }) =>
      display_name === undefined && name === undefined
        ? { path: ["display_name"], message: "is required (or name)" }
        : undefined,
    besideOthers,
  ),
)

const Said = Schema.Struct({ message: Schema.String }).annotations({
  description: "What was done, as a sentence",
})

const auth = HttpApiGroup.make("auth")
  .add(
    HttpApiEndpoint.post("register", "/api/auth/register")
      .setPayload(Registration)
      .addSuccess(
        Schema.Struct({
          message: Schema.String,
          user: PublicUser,
          id: UserId,
          name: Schema.String,
          email: Schema.String,
          ...accessToken,
          ...refreshToken,
        }).annotations({ description: "The account, and tokens for it" }),
        { status: 201 },
      )
      .addError(Errors.EmailTaken)
      .addError(Errors.UserExistsAlready)
      .annotate(Limits, limits.signUp)
      .annotate(OpenApi.Summary, "Register")
      .annotate(
        OpenApi.Description,
        "Makes an account and signs it in. The password needs 8 characters, upper and lower case and a digit. A taken address is 409 to those who send `display_name`, 400 to those who send `name`.",
      ),
  )
  .add(
    HttpApiEndpoint.post("login", "/api/auth/login")
      .setPayload(
        Fields({
          email: Schema.propertySignature(Address).annotations({ description: "The address of the account" }),
          password: Schema.propertySignature(NonEmptyText).annotations({
            description: "The password of the account",
          }),
        }),
      )
      .addSuccess(
        Schema.Struct({ user: PublicUser, ...accessToken, ...refreshToken }).annotations({
          description: "The account, and tokens for it",
        }),
      )
      .addError(Errors.InvalidCredentials)
      .addError(Errors.AccountBanned)
      .annotate(Limits, limits.signIn)
      .annotate(OpenApi.Summary, "Log in")
      .annotate(
        OpenApi.Description,
        "Opens a session: access token, refresh token, and the session cookie for browsers.",
      ),
  )
  .add(
    HttpApiEndpoint.post("refresh", "/api/auth/refresh")
      .setPayload(
        Fields({
          refreshToken: Schema.optional(Schema.String).annotations({
            description: "The refresh token, unless it is the bearer",
          }),
          refresh_token: Schema.optional(Schema.String).annotations({ description: "The same" }),
        }),
      )
      .addSuccess(
        Schema.Struct({
          ...accessToken,
          refresh_token: Schema.optional(refreshToken.refresh_token),
          refreshToken: Schema.optional(refreshToken.refreshToken),
        }).annotations({
          description: "A new access token, and a new refresh token where the old one is used up",
        }),
      )
      .addError(Errors.RefreshRefused)
      .annotate(Limits, limits.refresh)
      .annotate(OpenApi.Summary, "Refresh the access token")
      .annotate(
        OpenApi.Description,
        "With the refresh token in the body, a new pair comes back and the old refresh token is used up; one that is sent again ends its session. With the refresh token as bearer, only a new access token comes back and the refresh token stays good.",
      ),
  )
  .add(
    HttpApiEndpoint.post("logout", "/api/auth/logout")
      .addSuccess(
        Schema.Struct({ success: Schema.Literal(true), message: Schema.String }).annotations({
          description: "That the session has ended",
        }),
      )
      .middleware(SignedIn)
      .annotate(OpenApi.Summary, "Log out")
      .annotate(
        OpenApi.Description,
        "Ends the session: its access token, refresh tokens and cookie stop working at once.",
      ),
  )
  .add(
    HttpApiEndpoint.get("me", "/api/auth/me")
      .addSuccess(Me)
      .addError(Errors.UserNotFound)
      .middleware(SignedIn)
      .annotate(OpenApi.Summary, "The signed-in user")
      .annotate(OpenApi.Description, "Profile, settings and usage of the user who asks."),
  )
  .add(
    HttpApiEndpoint.put("changePassword", "/api/auth/password")
      .setPayload(
        Fields({
          current_password: Schema.propertySignature(NonEmptyText).annotations({
            description: "The password so far",
          }),
          new_password: Schema.propertySignature(StrongPassword).annotations({ description: strong }),
        }),
      )
      .addSuccess(Said)
      .addError(Errors.WrongPassword)
      .middleware(SignedIn)
      .annotate(Limits, limits.password)
      .annotate(OpenApi.Summary, "Change the password")
      .annotate(
        OpenApi.Description,
        "Ends every other session of the user at once; the one that asks stays.",
      ),
  )
  .annotate(Limits, limits.other)
  .annotate(OpenApi.Title, "Account")
  .annotate(OpenApi.Description, "The door that the contracts under /api share.")

const Health = Schema.Struct({
  status: Schema.Literal("healthy"),
  timestamp: Timestamp,
  version: Schema.String,
}).annotations({ identifier: "Health", description: "The server and its database answer" })

const health = HttpApiGroup.make("health")
  .add(
    HttpApiEndpoint.get("health", "/api/health")
      .addSuccess(Health)
      .addError(
        Schema.Struct({
          status: Schema.Literal("unhealthy"),
          timestamp: Timestamp,
          version: Schema.String,
        }).annotations(
          HttpApiSchema.annotations({ status: 503, description: "The database does not answer" }),
        ),
      )
      .annotate(OpenApi.Summary, "Health")
      .annotate(OpenApi.Description, "Whether the server and its database answer. Needs no sign-in."),
  )
  .annotate(Limits, limits.none)
  .annotate(OpenApi.Title, "Health")
  .annotate(OpenApi.Description, "For load balancers and monitors.")

/** The account contract, whole. */
export const AccountApi = HttpApi.make("Account")
  .add(auth)
  .add(health)
  .annotate(OpenApi.Title, "Parley: Account")
  .annotate(
    OpenApi.Description,
    "Accounts, sessions and health: what every other contract under /api stands on.",
  )
