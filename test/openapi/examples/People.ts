import { Effect } from "effect"
import { App, type TestUser } from "../../support/App"

/** The tokens of those who tell the stories. */
export interface Told {
  readonly user: string
  readonly admin: string
  readonly person: TestUser
  /** Somebody whose affairs may be upset. */
  readonly other: TestUser
}

/** A path with an id that nothing has. */
export const nowhere = { id: "019bc0f1-0000-7000-8000-000000000001" }

/** Somebody, and an administrator. */
export const meet = Effect.gen(function* () {
  const app = yield* App
  const user = yield* app.newUser({ name: "John Doe" })
  const admin = yield* app.newAdmin()
  const told: Told = { user: user.token, admin: admin.token, person: user, other: yield* app.newUser() }
  return told
})
