import { expect } from "bun:test"
import { Effect } from "effect"
import { MailedTokens } from "../../../src/domain/identity/MailedTokens"
import { PasswordResets } from "../../../src/domain/identity/PasswordResets"
import { Users } from "../../../src/domain/identity/Users"
import { ClientAddress } from "../../../src/domain/shared/ClientAddress"
import { layer } from "../../support/it"
import * as TestLayer from "../../support/testLayer"

const from = (address: string) => Effect.provideService(ClientAddress, () => address)
const password = "yourPassword"

const signIn = (email: string, password: string, address: string) =>
  Effect.flatMap(Users, (users) =>
    Effect.match(users.signIn({ email }, password), {
      onFailure: ({ _tag }) => _tag,
      onSuccess: () => "SignedIn" as const,
    }),
  ).pipe(from(address))

/** Tries wrong passwords from as many networks. Returns how many were verified. */
const guess = (email: string, attempts: number) =>
  Effect.map(
    Effect.forEach(Array.from({ length: attempts }), (_, index) =>
      signIn(email, `wrong ${index}`, `10.${index}.0.1`),
    ),
    (results) => {
      const verified = results.filter((result) => result === "InvalidCredentials").length
      expect(results.slice(verified)).toEqual(Array(attempts - verified).fill("TooManySignIns"))
      return verified
    },
  )

layer(TestLayer.layer({ RATE_LIMITS: "on", RATE_LIMIT_SIGN_IN_PER_HOUR: "5" }))("Sign-in", (it) => {
  it.live("verifies few of many guesses, and lets the user in where they registered", () =>
    Effect.gen(function* () {
      const email = "guessed@example.com"
      yield* from("192.0.2.1")(TestLayer.newActor("user", { email }))
      expect(yield* guess(email, 60)).toBe(5)
      expect(yield* signIn(email, password, "203.0.113.1")).toBe("TooManySignIns")
      expect(yield* signIn(email, password, "192.0.2.99")).toBe("SignedIn")
      expect(yield* signIn(email, "wrong", "192.0.2.99")).toBe("InvalidCredentials")
    }),
  )

  it.live(
    "lets users in where they have signed in before or reset the password, and not their neighbors",
    () =>
      Effect.gen(function* () {
        const email = "traveller@example.com"
        const { userId } = yield* TestLayer.newActor("user", { email })
        expect(yield* signIn(email, password, "2001:db8:1:1")).toBe("SignedIn")
        yield* guess(email, 5)
        expect(yield* signIn(email, password, "2001:db8:1:2")).toBe("SignedIn")
        expect(yield* signIn(email, password, "2001:db8:2:1")).toBe("TooManySignIns")
        const { issue } = yield* Effect.provide(MailedTokens, MailedTokens.Default)
        const token = yield* Effect.flatten(issue(userId, "reset_password"))
        const reset = (yield* PasswordResets).reset(token, "nextPassword")
        yield* from("198.51.100.1")(reset)
        expect(yield* signIn(email, "nextPassword", "198.51.100.1")).toBe("SignedIn")
      }),
  )

  it.live("limits an account that does not exist in the same way", () =>
    Effect.gen(function* () {
      expect(yield* guess("nobody@example.com", 8)).toBe(5)
    }),
  )
})
