import { Effect } from "effect"
import { Secret, TOTP } from "otpauth"
import { App, type TestResponse, type TestUser } from "../../support/App"

export const post = (path: string, body: unknown, token?: string) =>
  Effect.flatMap(App, (app) =>
    app.request("POST", `/v1/auth/${path}`, { body, ...(token === undefined ? {} : { token }) }),
  )

/** The status of a response, and the code of an error. */
export const outcome = (response: TestResponse) =>
  response.status < 400 ? [response.status] : [response.status, response.at("error.code")]

export const listOf = (response: TestResponse, field: "methods" | "backup_codes") =>
  (response.json as { readonly data: Readonly<Record<string, ReadonlyArray<string>>> }).data[field] ?? []

/** Makes the code of an authenticator app, of the present time step or a later one. */
export const totpCode = (secret: string, step = 0) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + step * 30_000 })

/** Enables an authenticator app with the code of the present step. Returns its secret and the backup codes. */
export const enableTotp = ({ token, password }: TestUser) =>
  Effect.gen(function* () {
    const secret = (yield* post("2fa/totp", { password }, token)).at("data.secret")
    const verified = yield* post("2fa/totp/verify", { code: totpCode(secret) }, token)
    return { secret, backupCodes: listOf(verified, "backup_codes") }
  })

/** Registers a user with an authenticator app. */
export const newProtectedUser = Effect.gen(function* () {
  const user = yield* (yield* App).newUser()
  return { ...user, ...(yield* enableTotp(user)) }
})

export const logIn = ({ email, password }: Pick<TestUser, "email" | "password">) =>
  post("login", { email, password })

/** Logs in with the password. Returns the challenge for the second factor. */
export const startLogin = (user: Pick<TestUser, "email" | "password">) =>
  Effect.map(logIn(user), (response) => response.at("data.challenge_token"))

export const completeLogin = (challenge_token: string, proof: object) =>
  post("login/2fa", { challenge_token, ...proof })
