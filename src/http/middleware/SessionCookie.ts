import { HttpApiSecurity, HttpApp, HttpServerResponse, OpenApi } from "@effect/platform"
import { Duration, Effect, Option } from "effect"
import { sessionTtl } from "../../domain/identity/Sessions/Model"
import { publicUrl } from "./PublicUrl"

export const cookieName = "parley_session"

/** The two ways to authenticate, as OpenAPI security schemes. */
export const security = {
  bearer: HttpApiSecurity.bearer.pipe(
    HttpApiSecurity.annotate(OpenApi.Format, "JWT"),
    HttpApiSecurity.annotate(OpenApi.Description, "The access token from signing in, valid for 15 minutes."),
  ),
  cookie: HttpApiSecurity.apiKey({ in: "cookie", key: cookieName }).pipe(
    HttpApiSecurity.annotate(
      OpenApi.Description,
      "The session cookie that signing in sets, for browsers. Writes accept it only from pages of this site and of allowed origins.",
    ),
  ),
}

/**
 * Sets or clears the session cookie on the current response: out of reach of scripts, never sent from other
 * sites, and limited to https when `PUBLIC_URL` uses it.
 */
export const makeSessionCookie = Effect.map(publicUrl, (url) => {
  const secure = Option.exists(url, ({ protocol }) => protocol === "https:")
  const setCookie = (value: string, maxAge: Duration.Duration) =>
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
  return { set: (value: string) => setCookie(value, sessionTtl), clear: setCookie("", Duration.zero) }
})
