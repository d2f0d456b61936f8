import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"
import { expectResults } from "./nextAuthFixtures"
import type { Results } from "./programs/nextAuthScenario"

const program = new URL("programs/nextAuthClient.ts", import.meta.url).pathname

/** Runs the scenario by NextAuth's client in a process of its own. */
const runClient = ({ email, password }: TestUser, callbackUrl: string) =>
  Effect.gen(function* () {
    const { url } = yield* App
    const child = Bun.spawn([process.execPath, program, email, password, callbackUrl], {
      env: { ...process.env, NEXTAUTH_URL: url },
      stdout: "pipe",
      stderr: "inherit",
    })
    const results: Results = JSON.parse(yield* Effect.promise(() => new Response(child.stdout).text()))
    return results
  })

layer(Server.layer())("NextAuth's client", (it) => {
  it.live("signs in and out without a browser", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const callbackUrl = `${app.url}/dashboard?tab=1`
      expectResults(yield* runClient(user, callbackUrl), user, app.url, callbackUrl)
    }),
  )
})

layer(Server.layer({ RATE_LIMITS: "on" }))("NextAuth's client", (it) => {
  it.live("learns that it is rate limited", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      for (let attempt = 0; attempt < 5; attempt++)
        yield* app.request("POST", "/api/auth/login", { body: { email: user.email, password: "wrong" } })
      const { signedIn, session } = yield* runClient(user, app.url)
      expect(signedIn).toEqual({ error: "RATE_LIMITED", status: 429, ok: false, url: null })
      expect(session).toBeNull()
    }),
  )
})
