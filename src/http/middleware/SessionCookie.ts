import { HttpApiSecurity, HttpApp, HttpServerResponse, OpenApi } from "@effect/platform"
import { Duration, Effect, Option } from "effect"
import { sessionTtl } from "../../domain/identity/Sessions/Model"
import { publicUrl } from "./PublicUrl"

export const cookieName = "parley_session"

/** The two ways of being signed in, as OpenAPI names them. */
export const security = {
  bearer: HttpApiSecurity.bearer.pipe(
    HttpApiSecurity.annotate(OpenApi.Format, "JWT"),
    HttpApiSecurity.annotate(OpenApi.Description, "The access token that signing in gives, for 15 minutes."),
  ),
  cookie: HttpApiSecurity.apiKey({ in: "cookie", key: cookieName }).pipe(
    HttpApiSecurity.annotate(
      OpenApi.Description,
      "The session cookie that signing in sets, for browsers. What writes takes it only from pages of this site and of the origins it allows.",
    ),
  ),
}

/**
 * Sets the session cookie on the answer to the request at hand, or takes it away: out of reach of
 * scripts, never sent from another site, and only over https where that is how we are reached.
 */
export const makeSessionCookie = Effect.map(publicUrl, (url) => {
  const secure = Option.exists(url, ({ protocol }) => protocol === "https:")
  const put = (value: string, maxAge: Duration.Duration) =>
    HttpApp.appendPreResponseHandler((_, response) =>
      Effect.succeed(
        HttpServerResponse.unsafeSetCookie(response, cookieName, value, {
          httpOnly: true,
          sameSite: "strict",
          path: "/",
          secure,
          maxAge,
        }),
      ),
    )
  return { set: (value: string) => put(value, sessionTtl), clear: put("", Duration.zero) }
})
