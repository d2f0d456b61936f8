import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { Recorder } from "../Recorder"

const password = "SecurePass123!"
const wrong = "An address and a password that do not do"

/** What there is to say at the door that the contracts share. */
export const tellAccount = Effect.fn(function* ({ recordRequest: ask, recordWithAuth: secured }: Recorder) {
  const sql = yield* SqlClient.SqlClient
  const ada = { email: "ada@example.com", password, display_name: "Ada Lovelace" }
  const grace = { email: "grace@example.com", password, name: "Grace Hopper" }
  const mallory = { email: "mallory@example.com", password, display_name: "Mallory" }

  yield* ask("Account.register", "displayName", "With a display name", { body: ada })
  yield* ask("Account.register", "name", "With a name", { body: grace })
  yield* ask("Account.register", "EMAIL_TAKEN", "The address is taken, told to `display_name`", { body: ada })
  yield* ask("Account.register", "USER_EXISTS", "The address is taken, told to `name`", { body: grace })
  yield* ask("Account.register", "VALIDATION_ERROR", wrong, {
    body: { email: "ada", password: "short", name: "" },
  })

  const { email } = ada
  const login = yield* ask("Account.login", "password", "With address and password", {
    body: { email, password },
  })
  yield* ask("Account.login", "INVALID_CREDENTIALS", "A wrong password", { body: { email, password: "no" } })
  yield* ask("Account.login", "VALIDATION_ERROR", "Without a password", { body: { email } })
  yield* ask("Account.register", "displayName", "With a display name", { body: mallory })
  yield* sql`update users set banned_at = now() where email = ${mallory.email}`
  yield* ask("Account.login", "ACCOUNT_BANNED", "Somebody who is banned", {
    body: { email: mallory.email, password },
  })

  const refreshToken = login.at("refreshToken")
  yield* ask("Account.refresh", "bearer", "With the refresh token as bearer: it stays good", {
    token: refreshToken,
  })
  const pair = yield* ask("Account.refresh", "body", "With the refresh token in the body: it is used up", {
    body: { refreshToken },
  })
  yield* ask("Account.refresh", "VALIDATION_ERROR", "Something else than a token", {
    body: { refreshToken: 42 },
  })

  const token = pair.at("token")
  yield* secured("Account.me", "me", "Whoever asks", { token })
  const change = { current_password: password, new_password: "EvenBetter456!" }
  const changing = "Account.changePassword"
  yield* ask(changing, "VALIDATION_ERROR", "Too weak", { token, body: { ...change, new_password: "weak" } })
  yield* ask(changing, "WRONG_PASSWORD", "The current password is another", {
    token,
    body: { ...change, current_password: "no" },
  })
  yield* secured(changing, "changed", "From the old password to a new one", { token, body: change })
  yield* secured("Account.logout", "loggedOut", "Ends the session", { token })
  yield* ask("Account.refresh", "INVALID_REFRESH_TOKEN", "The session is over", { body: { refreshToken } })

  const gone = yield* ask("Account.login", "password", "With address and password", {
    body: { email: grace.email, password },
  })
  yield* ask("Account.me", "me", "Whoever asks", { token: gone.at("token") })
  yield* sql`delete from users where email = ${grace.email}`
  yield* ask("Account.me", "USER_NOT_FOUND", "The account was deleted a moment ago", {
    token: gone.at("token"),
  })
  yield* ask("Account.health", "healthy", "All is well", {})
})
