import { HttpApiSchema, type HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect, Option, Schema } from "effect"
import { Sessions } from "../../../domain/identity/Sessions"
import { Users } from "../../../domain/identity/Users"
import { InvalidCredentials } from "../../../domain/identity/Users/Errors"
import { EmailInput } from "../../../domain/identity/Users/Model"
import { NonEmptyText } from "../../../domain/shared/Text"
import { cookieName, RequestActor } from "../../../http/Authenticated"
import { makeSessionCookie } from "../../../http/middleware/SessionCookie"
import { defineResource } from "../../../http/Resource"
import { errors } from "../Errors"
import { makeCallbackUrl } from "./CallbackUrl"
import { makeCsrf } from "./Csrf"
import { endpoints, type PageParams } from "./Endpoints"
import { makePages } from "./Pages"

type Request = HttpServerRequest.HttpServerRequest

interface PageRequest {
  readonly request: Request
  readonly urlParams: typeof PageParams.Type
}

interface Form {
  readonly csrfToken?: string | undefined
  readonly callbackUrl?: string | undefined
  readonly json?: string | undefined
}

const readCredentials = Schema.decodeUnknown(Schema.Struct({ email: EmailInput, password: NonEmptyText }))

/** Sends the user to a URL: scripts read it in the body, and browsers follow it. */
const sendTo = ({ json }: Form, url: string) =>
  json === "true" ? HttpServerResponse.unsafeJson({ url }) : HttpServerResponse.redirect(url, { status: 303 })

/** Rejects a form: the same as `sendTo`, with the error's status and body for scripts. */
const reject = <E, I extends object>({ json }: Form, url: string, schema: Schema.Schema<E, I>, error: E) =>
  json === "true"
    ? Effect.map(Effect.orDie(Schema.encode(schema)(error)), (body) =>
        HttpServerResponse.unsafeJson({ ...body, url }, { status: HttpApiSchema.getStatusError(schema) }),
      )
    : Effect.succeed(HttpServerResponse.redirect(url, { status: 303 }))

export const nextAuth = defineResource({
  group: endpoints,
  prefixes: [],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const users = yield* Users
      const sessions = yield* Sessions
      const sessionCookie = yield* makeSessionCookie
      const csrf = yield* makeCsrf
      const { resolve, frontEndOf, allowedOrigins } = yield* makeCallbackUrl
      const pages = makePages(allowedOrigins.sources)

      const pageUrl = (request: Request, page: string, query: Record<string, string>) =>
        `${frontEndOf(request)}/api/auth/${page}?${new URLSearchParams(query)}`

      /** Creates a session and sets its cookie. Malformed credentials are wrong like any others. */
      const signIn = Effect.fnUntraced(function* (credentials: unknown) {
        const { email, password } = yield* Effect.mapError(
          readCredentials(credentials),
          () => new InvalidCredentials(),
        )
        const { session } = yield* users.signIn({ email }, password)
        yield* sessionCookie.set(session.cookie)
      })

      /** Returns the session of a request and extends it; an empty one for anonymous callers. */
      const readSession = Effect.fnUntraced(
        function* (request: Request) {
          const actor = Option.getOrUndefined(yield* RequestActor)
          if (actor === undefined) return {}
          const { id, name, email, avatarUrl } = yield* users.me(actor)
          const expires = yield* sessions.extend(actor)
          const cookie = request.cookies[cookieName]
          if (cookie !== undefined) yield* sessionCookie.set(cookie)
          return { user: { id, name, email, image: avatarUrl }, expires }
        },
        Effect.catchTag("UserNotFound", () => Effect.succeed({})),
      )

      /** Makes what a page's form needs. Where the form leads is checked when it is submitted. */
      const formPage = ({ request, urlParams }: PageRequest) =>
        Effect.map(csrf.issue(request), (csrfToken) => ({
          csrfToken,
          callbackUrl: urlParams.callbackUrl ?? "",
          wasRejected: urlParams.csrf !== undefined,
        }))

      const signInPage = (page: PageRequest) =>
        Effect.map(formPage(page), (form) => pages.signIn({ ...form, error: page.urlParams.error }))

      return handlers
        .handle("csrfToken", ({ request }) => Effect.map(csrf.issue(request), (csrfToken) => ({ csrfToken })))
        .handle("authProviders", ({ request }) => {
          const base = `${frontEndOf(request)}/api/auth`
          return Effect.succeed({
            credentials: {
              id: "credentials" as const,
              name: "Credentials",
              type: "credentials" as const,
              signinUrl: `${base}/signin/credentials`,
              callbackUrl: `${base}/callback/credentials`,
            },
          })
        })
        .handle("credentialsCallback", ({ payload: { email, password, ...form }, request }) => {
          if (!csrf.isValid(request, form.csrfToken))
            return Effect.succeed(sendTo(form, pageUrl(request, "signin", { csrf: "true" })))
          const callbackUrl = resolve(request, form.callbackUrl)
          const accessDenied = pageUrl(request, "error", { error: "AccessDenied" })
          const signInAgain = (error: string) => pageUrl(request, "signin", { error, callbackUrl })
          return signIn({ email, password }).pipe(
            Effect.as(sendTo(form, callbackUrl)),
            Effect.catchTags({
              InvalidCredentials: (error) =>
                reject(form, signInAgain("CredentialsSignin"), errors.InvalidCredentials, error),
              AccountBanned: (error) => reject(form, accessDenied, errors.AccountBanned, error),
              AccountSuspended: (error) => reject(form, accessDenied, errors.AccountSuspended, error),
              TooManySignIns: (error) =>
                reject(form, signInAgain("TooManySignIns"), errors.TooManySignIns, error),
              TwoFactorRequired: (error) => {
                const url = pageUrl(request, "error", { error: "TwoFactorRequired" })
                return reject(form, url, errors.TwoFactorRequired, error)
              },
            }),
          )
        })
        .handle("getAuthSession", ({ request }) => readSession(request))
        .handle("updateAuthSession", ({ request }) => readSession(request))
        .handle("signOut", ({ payload: form, request }) =>
          Effect.gen(function* () {
            if (!csrf.isValid(request, form.csrfToken))
              return sendTo(form, pageUrl(request, "signout", { csrf: "true" }))
            const actor = yield* RequestActor
            if (Option.isSome(actor)) yield* sessions.revoke(actor.value.sessionId)
            yield* sessionCookie.clear
            return sendTo(form, resolve(request, form.callbackUrl))
          }),
        )
        .handle("signInPage", signInPage)
        .handle("credentialsSignInPage", signInPage)
        .handle("signOutPage", (page) => Effect.map(formPage(page), pages.signOut))
        .handle("authErrorPage", ({ urlParams }) => Effect.succeed(pages.error(urlParams.error ?? "")))
    }),
})
