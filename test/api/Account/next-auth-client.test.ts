import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { expectResults } from "./nextAuthFixtures"
import type { Results } from "./programs/nextAuthScenario"

const program = new URL("programs/nextAuthClient.ts", import.meta.url).pathname

layer(Server.layer())("NextAuth's client", (it) => {
  it.live("signs in and out without a browser", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const callbackUrl = `${app.url}/dashboard?tab=1`
      const child = Bun.spawn([process.execPath, program, user.email, user.password, callbackUrl], {
        env: { ...process.env, NEXTAUTH_URL: app.url },
        stdout: "pipe",
        stderr: "inherit",
      })
      const output = yield* Effect.promise(() => new Response(child.stdout).text())
      const results: Results = JSON.parse(output)
      expectResults(results, user, app.url, callbackUrl)
    }),
  )
})
