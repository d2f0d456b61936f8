import { HttpApp, HttpServerResponse } from "@effect/platform"
import { Duration, Effect } from "effect"
import { sessionTtl } from "../../domain/identity/Sessions/Model"
import { cookieName } from "../Authenticated"
import { makeServerOrigin } from "./ServerOrigin"

/**
 * Makes the function that sets cookies on the current response: out of reach of scripts, never sent from
 * other sites, and limited to https when the client uses it.
 */
export const makeSetCookie = Effect.map(
  makeServerOrigin,
  (originOf) => (name: string, value: string, maxAge: Duration.Duration) =>
    HttpApp.appendPreResponseHandler((request, response) =>
      Effect.succeed(
        HttpServerResponse.unsafeSetCookie(response, name, value, {
          httpOnly: true,
          sameSite: "strict",
          path: "/",
          secure: originOf(request).startsWith("https:"),
          maxAge,
        }),
      ),
    ),
)

/** Sets or clears the session cookie on the current response. */
export const makeSessionCookie = Effect.map(makeSetCookie, (setCookie) => ({
  set: (value: string) => setCookie(cookieName, value, sessionTtl),
  clear: setCookie(cookieName, "", Duration.zero),
}))
