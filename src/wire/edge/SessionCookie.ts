import { HttpApiSecurity, HttpServerResponse } from "@effect/platform"
import { Config, Duration, Effect } from "effect"
import { sessionLifetime } from "../../domain/identity/Sessions/Model"

export const cookieName = "parley_session"

/** The two ways of being signed in, as OpenAPI names them. */
export const security = {
  bearer: HttpApiSecurity.bearer,
  cookie: HttpApiSecurity.apiKey({ in: "cookie", key: cookieName }),
}

const isHttps = Config.string("PUBLIC_URL").pipe(
  Config.map((url) => url.startsWith("https:")),
  Config.withDefault(false),
)

/** Sets the session cookie: out of reach of scripts, and never sent from another site. */
export const setSessionCookie = (value: string) => (response: HttpServerResponse.HttpServerResponse) =>
  Effect.map(Effect.orDie(isHttps), (secure) =>
    HttpServerResponse.unsafeSetCookie(response, cookieName, value, {
      httpOnly: true,
      sameSite: "strict",
      path: "/",
      secure,
      maxAge: value === "" ? Duration.zero : sessionLifetime,
    }),
  )

export const clearSessionCookie = setSessionCookie("")
