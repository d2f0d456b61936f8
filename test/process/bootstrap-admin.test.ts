import { expect } from "bun:test"
import { ConfigError, Effect, Logger, LogLevel } from "effect"
import { bootstrapAdmin } from "../../src/bootstrapAdmin"
import { configProviderFromEnv } from "../../src/domain/shared/ConfigHelpers"
import * as Server from "../support/App"
import { App } from "../support/App"
import { layer } from "../support/it"

const start = (variables: Record<string, string>) =>
  Effect.withConfigProvider(bootstrapAdmin, configProviderFromEnv(variables))

const logIn = (email: string, password: string) =>
  Effect.flatMap(App, (app) => app.request("POST", "/api/auth/login", { body: { email, password } }))

const adminVariables = { ADMIN_EMAIL: " Root@Example.com", ADMIN_PASSWORD: "Secret123" }

layer(Server.layer(adminVariables))("The bootstrap administrator", (it) => {
  it.live("creates the administrator before the server listens", () =>
    Effect.gen(function* () {
      const answer = yield* logIn("root@example.com", "Secret123")
      expect([answer.status, answer.at("user.role")]).toEqual([200, "admin"])
    }),
  )

  it.live("creates the administrator once: later starts leave the account and its password unchanged", () =>
    Effect.gen(function* () {
      yield* start({ ...adminVariables, ADMIN_PASSWORD: "Another123" })
      expect((yield* logIn("root@example.com", "Another123")).status).toBe(401)
      expect((yield* logIn("root@example.com", "Secret123")).status).toBe(200)
    }),
  )

  it.live("does not change an existing user account, and warns of it at each start", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { email, password } = yield* app.newUser()
      const warnings: Array<unknown> = []
      const record = Logger.make(({ message }) => warnings.push(...[message].flat()))
      for (const ADMIN_EMAIL of [email, "root@example.com"])
        yield* start({ ADMIN_EMAIL, ADMIN_PASSWORD: "Another123" }).pipe(
          Effect.provide(Logger.replace(Logger.defaultLogger, record)),
          Logger.withMinimumLogLevel(LogLevel.Warning),
        )
      expect(warnings).toEqual([expect.stringContaining("ADMIN_EMAIL has an ordinary account")])
      const answer = yield* logIn(email, password)
      expect([answer.status, answer.at("user.role")]).toEqual([200, "user"])
    }),
  )

  it.live("rejects an invalid email address or password, and one without the other", () =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [email: string, password: string, message: RegExp]> = [
        ["jane@example.com", "", /^ADMIN_PASSWORD must be set/],
        ["", "Secure123", /^ADMIN_EMAIL must be set/],
        ["notanemail", "Secure123", /^ADMIN_EMAIL must be a valid email address/],
        ["jane@example.com", "feeble", /^ADMIN_PASSWORD must be at least 8 characters/],
        ["jane@example.com", "withoutdigits", /^ADMIN_PASSWORD /],
      ]
      for (const [ADMIN_EMAIL, ADMIN_PASSWORD, message] of cases) {
        const error = yield* Effect.flip(start({ ADMIN_EMAIL, ADMIN_PASSWORD }))
        expect(ConfigError.isConfigError(error) && error._op === "InvalidData" && error.message).toMatch(
          message,
        )
        if (ADMIN_PASSWORD !== "") expect(String(error)).not.toContain(ADMIN_PASSWORD)
      }
      expect((yield* logIn("jane@example.com", "feeble")).status).toBe(401)
    }),
  )

  it.live("creates no administrator without the variables", () =>
    start({ ADMIN_EMAIL: "", ADMIN_PASSWORD: " " }),
  )
})
