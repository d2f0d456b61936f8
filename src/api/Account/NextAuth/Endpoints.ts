import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, HttpServerRequest, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { UserId } from "../../../domain/shared/Actor"
import { SingleLineText } from "../../../domain/shared/Text"
import { ErrorFields, RateLimits, SessionOnly } from "../../../http/Annotations"
import { example } from "../../../http/Example"
import { Fields, optional } from "../../../http/Fields"
import { rateLimits } from "../../../http/RateLimitPolicy"
import { errors } from "../Errors"
import { makeCallbackUrl } from "./CallbackUrl"

const csrfTokenExample = "qZ0c8Xh3yQm5Wf7sJ1uTn9vBk2rLd4pGe6aYoIxSwDE"

const text = (description: string) => Schema.optional(Schema.String).annotations({ description })

const formFields = {
  csrfToken: text("The token from `/api/auth/csrf`"),
  callbackUrl: text("Where to go next: a path, or a URL of this server or of an allowed origin"),
  json: text("`true` for a JSON response; otherwise, the response redirects"),
}

const formExample = {
  csrfToken: csrfTokenExample,
  callbackUrl: "https://app.example.com/dashboard",
  json: "true",
}

const SignOutForm = Fields(formFields)
  .annotations(example(formExample))
  .pipe(HttpApiSchema.withEncoding({ kind: "UrlParams" }))

const CredentialsForm = Fields({
  ...formFields,
  email: text("The account's email address"),
  password: text("The account's password"),
})
  .annotations(example({ ...formExample, email: "ada@example.com", password: "SecurePass123!" }))
  .pipe(HttpApiSchema.withEncoding({ kind: "UrlParams" }))

/** Makes the URL of the sign-in page that explains an error: NextAuth's client fails on a response without it. */
const signInUrl = (error: string) =>
  Effect.gen(function* () {
    const { frontEndOf } = yield* Effect.orDie(makeCallbackUrl)
    const request = yield* HttpServerRequest.HttpServerRequest
    return { url: `${frontEndOf(request)}/api/auth/signin?${new URLSearchParams({ error })}` }
  })

const Destination = Schema.Struct({
  url: Schema.String.annotations({
    description: "Where to go next, as an absolute URL",
    ...example("https://app.example.com/dashboard"),
  }),
})

const redirect = HttpApiSchema.Empty(303).annotations({
  description: "Redirects to where the user goes next, unless the form has `json`",
})

const Session = Schema.Struct({
  user: Schema.optional(
    Schema.Struct({
      id: UserId,
      name: Schema.String,
      email: Schema.String,
      image: Schema.NullOr(Schema.String),
    }).annotations({ description: "The user who is signed in" }),
  ),
  expires: Schema.optional(Schema.Date).annotations({
    description: "When the session ends unless it is used",
  }),
}).annotations({
  identifier: "NextAuthSession",
  description: "The session; empty if nobody is signed in",
  ...example({
    user: {
      id: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
      name: "Ada Lovelace",
      email: "ada@example.com",
      image: null,
    },
    expires: "2026-02-14T09:30:00.000Z",
  }),
})

const Provider = Schema.Struct({
  id: Schema.Literal("credentials"),
  name: Schema.String.annotations(example("Credentials")),
  type: Schema.Literal("credentials"),
  signinUrl: Schema.String.annotations(example("https://app.example.com/api/auth/signin/credentials")),
  callbackUrl: Schema.String.annotations(example("https://app.example.com/api/auth/callback/credentials")),
})

const page = HttpApiSchema.Text({ contentType: "text/html" }).annotations({
  description: "A page without scripts",
  ...example("<!doctype html>…"),
})

/** The query that pages link to each other with. */
export const PageParams = Fields({
  callbackUrl: text("Where to go next: a path, or a URL of this server or of an allowed origin"),
  error: text("Why signing in failed, such as `CredentialsSignin`"),
  csrf: text("Present if a form was rejected for its CSRF token"),
})

const signInPage = <const Name extends string>(name: Name, path: `/${string}`) =>
  HttpApiEndpoint.get(name, path)
    .setUrlParams(PageParams)
    .addSuccess(page)
    .annotate(OpenApi.Summary, "Show the sign-in page")
    .annotate(OpenApi.Description, "Returns a page with a form for the email address and the password.")

export const endpoints = HttpApiGroup.make("nextAuth")
  .add(
    HttpApiEndpoint.get("csrfToken", "/api/auth/csrf")
      .addSuccess(
        Schema.Struct({ csrfToken: Schema.String.annotations(example(csrfTokenExample)) }).annotations({
          description: "The token, for the forms of this browser",
        }),
      )
      .annotate(OpenApi.Summary, "Get a CSRF token")
      .annotate(
        OpenApi.Description,
        "Returns a token and sets a cookie that belongs to it. Forms are accepted only with both. A browser keeps its token.",
      ),
  )
  .add(
    HttpApiEndpoint.get("authProviders", "/api/auth/providers")
      .addSuccess(
        Schema.Struct({ credentials: Provider }).annotations({
          identifier: "NextAuthProviders",
          description: "The ways to sign in: by email address and password",
        }),
      )
      .annotate(OpenApi.Summary, "List the ways to sign in")
      .annotate(OpenApi.Description, "Returns the providers as NextAuth's client expects them."),
  )
  .add(
    HttpApiEndpoint.post("credentialsCallback", "/api/auth/callback/credentials")
      .setPayload(CredentialsForm)
      .addSuccess(Destination.annotations({ description: "Where to go next; a session exists" }))
      .addSuccess(redirect)
      .addError(errors.InvalidCredentials)
      .addError(errors.AccountBanned)
      .addError(errors.AccountSuspended)
      .addError(errors.TooManySignIns)
      .addError(errors.TwoFactorRequired)
      .annotate(RateLimits, rateLimits.signIn)
      .annotate(ErrorFields, signInUrl)
      .annotate(OpenApi.Summary, "Sign in by a form")
      .annotate(
        OpenApi.Description,
        "Creates a session and sets its cookie. Without a valid CSRF token it creates none, and the URL is that of the sign-in page with `csrf=true`. Every error has a `url` too, with `error` in its query, which NextAuth's client reads.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getAuthSession", "/api/auth/session")
      .addSuccess(Session)
      .annotate(SessionOnly, true)
      .annotate(OpenApi.Summary, "Get the session")
      .annotate(OpenApi.Description, "Returns the user of the session and extends it."),
  )
  .add(
    HttpApiEndpoint.post("updateAuthSession", "/api/auth/session")
      .setPayload(
        Fields({
          csrfToken: optional(SingleLineText(0, 300)).annotations({
            description: "The token from `/api/auth/csrf`",
          }),
        }).annotations(example({ csrfToken: csrfTokenExample })),
      )
      .addSuccess(Session)
      .annotate(SessionOnly, true)
      .annotate(OpenApi.Summary, "Reload the session")
      .annotate(
        OpenApi.Description,
        "Returns the same as `GET`, for `update` of NextAuth's client. A session keeps no data of a front end: other fields are ignored.",
      ),
  )
  .add(
    HttpApiEndpoint.post("signOut", "/api/auth/signout")
      .setPayload(SignOutForm)
      .addSuccess(Destination.annotations({ description: "Where to go next; the session is revoked" }))
      .addSuccess(redirect)
      .annotate(SessionOnly, true)
      .annotate(OpenApi.Summary, "Sign out by a form")
      .annotate(
        OpenApi.Description,
        "Revokes the session and clears its cookie. Without a valid CSRF token it changes nothing, and the URL is that of the sign-out page with `csrf=true`.",
      ),
  )
  .add(signInPage("signInPage", "/api/auth/signin"))
  .add(signInPage("credentialsSignInPage", "/api/auth/signin/credentials"))
  .add(
    HttpApiEndpoint.get("signOutPage", "/api/auth/signout")
      .setUrlParams(PageParams)
      .addSuccess(page)
      .annotate(OpenApi.Summary, "Show the sign-out page")
      .annotate(OpenApi.Description, "Returns a page with a button for signing out."),
  )
  .add(
    HttpApiEndpoint.get("authErrorPage", "/api/auth/error")
      .setUrlParams(PageParams)
      .addSuccess(page)
      .annotate(OpenApi.Summary, "Explain why signing in failed")
      .annotate(
        OpenApi.Description,
        "Returns a page that explains the `error` in the query; with status 403 for `AccessDenied`.",
      ),
  )
  .annotate(OpenApi.Title, "NextAuth")
  .annotate(
    OpenApi.Description,
    "What the client `next-auth/react` of NextAuth 4 calls: signing in and out by cookie, with protection against CSRF.",
  )
