import { Effect } from "effect"
import { App } from "../../../support/App"

/** The tokens of those who tell the stories. */
export interface Told {
  readonly user: string
  readonly admin: string
}

/** A path with an id that nothing has. */
export const nowhere = { id: "019bc0f1-0000-7000-8000-000000000001" }

/** Somebody, and an administrator. */
export const meet = Effect.gen(function* () {
  const app = yield* App
  const user = yield* app.newUser({ name: "John Doe" })
  const admin = yield* app.newAdmin()
  const told: Told = { user: user.token, admin: admin.token }
  return told
})
