import { HttpApp, HttpServerResponse } from "@effect/platform"
import { Duration, Effect, Option } from "effect"
import { sessionTtl } from "../../domain/identity/Sessions/Model"
import { cookieName } from "../Authenticated"
import { publicUrl } from "./PublicUrl"

/**
 * Sets or clears the session cookie on the current response: out of reach of scripts, never sent from other
 * sites, and limited to https when `PUBLIC_URL` uses it.
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
