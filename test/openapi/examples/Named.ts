import { Effect } from "effect"
import { Users } from "../../../src/domain/identity/Users"
import { App, type TestUser } from "../../support/App"

// People whose addresses are told, and therefore the same in every run.

const password = "SecurePass123!"

const signIn = Effect.fn(function* (id: string, email: string) {
  const login = yield* (yield* App).request("POST", "/api/auth/login", { body: { email, password } })
  const [token, refreshToken] = [login.at("token"), login.at("refreshToken")]
  const person: TestUser = { id, email, password, token, refreshToken, cookie: login.cookie ?? "" }
  return person
})

/** Somebody by this name. */
export const join = Effect.fn(function* (name: string, email: string) {
  const { id } = yield* (yield* Users).register({ email, password, name })
  return yield* signIn(id, email)
})

/** An administrator. */
export const appoint = Effect.fn(function* (email: string) {
  const { id } = yield* (yield* Users).createAdmin({ email, password, name: "Administrator" })
  return yield* signIn(id, email)
})
