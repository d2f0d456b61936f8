import { expect } from "bun:test"
import { ConfigError, Effect } from "effect"
import { bootstrapAdmin } from "../../src/bootstrapAdmin"
import { configProviderFromEnv } from "../../src/domain/shared/ConfigHelpers"
import * as Server from "../support/App"
import { App } from "../support/App"
import { layer } from "../support/it"

const start = (settings: Record<string, string>) =>
  Effect.withConfigProvider(bootstrapAdmin, configProviderFromEnv(settings))

const logIn = (email: string, password: string) =>
  Effect.flatMap(App, (app) => app.request("POST", "/api/auth/login", { body: { email, password } }))

const chosen = { ADMIN_EMAIL: " Root@Example.com", ADMIN_PASSWORD: "Secret123" }

layer(Server.layer(chosen))("The first administrator", (it) => {
  it.live("is there once the server listens", () =>
    Effect.gen(function* () {
      const answer = yield* logIn("root@example.com", "Secret123")
      expect([answer.status, answer.at("user.role")]).toEqual([200, "admin"])
    }),
  )

  it.live("is made once: the next start leaves the account and its password alone", () =>
    Effect.gen(function* () {
      yield* start({ ...chosen, ADMIN_PASSWORD: "Another123" })
      expect((yield* logIn("root@example.com", "Another123")).status).toBe(401)
      expect((yield* logIn("root@example.com", "Secret123")).status).toBe(200)
    }),
  )

  it.live("is not made of somebody who has an account", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { email, password } = yield* app.newUser()
      yield* start({ ADMIN_EMAIL: email, ADMIN_PASSWORD: "Another123" })
      const answer = yield* logIn(email, password)
      expect([answer.status, answer.at("user.role")]).toEqual([200, "user"])
    }),
  )

  it.live("is refused by the rules for everyone, and with half of what it takes", () =>
    Effect.gen(function* () {
      const wrong: ReadonlyArray<readonly [email: string, password: string, told: RegExp]> = [
        ["jane@example.com", "", /^ADMIN_PASSWORD must be set/],
        ["", "Secure123", /^ADMIN_EMAIL must be set/],
        ["notanemail", "Secure123", /^ADMIN_EMAIL must be a valid email address/],
        ["jane@example.com", "feeble", /^ADMIN_PASSWORD must be at least 8 characters/],
        ["jane@example.com", "withoutdigits", /^ADMIN_PASSWORD /],
      ]
      for (const [ADMIN_EMAIL, ADMIN_PASSWORD, told] of wrong) {
        const error = yield* Effect.flip(start({ ADMIN_EMAIL, ADMIN_PASSWORD }))
        expect(ConfigError.isConfigError(error) && error._op === "InvalidData" && error.message).toMatch(told)
        if (ADMIN_PASSWORD !== "") expect(String(error)).not.toContain(ADMIN_PASSWORD)
      }
      expect((yield* logIn("jane@example.com", "feeble")).status).toBe(401)
    }),
  )

  it.live("is nobody where nothing is said of them", () => start({ ADMIN_EMAIL: "", ADMIN_PASSWORD: " " }))
})
