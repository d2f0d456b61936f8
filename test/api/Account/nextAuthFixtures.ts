import { expect } from "bun:test"
import type { TestUser } from "../../support/App"
import type { Results } from "./programs/nextAuthScenario"

/** Expects what NextAuth's own server would have answered to the scenario of a user at this origin. */
export const expectResults = (results: Results, user: TestUser, origin: string, callbackUrl: string) => {
  const [csrfToken, again] = results.csrfTokens
  expect(csrfToken).toMatch(/^[\w-]{43}$/)
  expect(again).toBe(csrfToken)
  expect<unknown>(results.providers).toEqual({
    credentials: {
      id: "credentials",
      name: "Credentials",
      type: "credentials",
      signinUrl: `${origin}/api/auth/signin/credentials`,
      callbackUrl: `${origin}/api/auth/callback/credentials`,
    },
  })
  expect([results.anonymous, results.stillAnonymous, results.afterwards]).toEqual([null, null, null])
  expect(results.wrongPassword).toEqual({ error: "CredentialsSignin", status: 401, ok: false, url: null })
  expect(results.signedIn).toEqual({ error: null, status: 200, ok: true, url: callbackUrl })
  expect<unknown>(results.session).toEqual({
    user: { id: user.id, email: user.email, name: "John Doe", image: null },
    expires: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  })
  expect(results.signedOut).toEqual({ url: callbackUrl })
}
