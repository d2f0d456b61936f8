import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Layer, Redacted } from "effect"
import { Secret, TOTP } from "otpauth"
import { Administrators } from "../../../src/domain/identity/Administrators"
import { MfaMethods } from "../../../src/domain/identity/MfaMethods"
import { Users } from "../../../src/domain/identity/Users"
import type { Actor } from "../../../src/domain/shared/Actor"
import { configProviderFromEnv } from "../../../src/domain/shared/ConfigHelpers"
import { SecretBox } from "../../../src/domain/shared/SecretBox"
import * as AesSecretBox from "../../../src/infra/crypto/SecretBox"
import { layer } from "../../support/it"
import * as TestLayer from "../../support/testLayer"

const previous = "the secret before the one that is configured now"
const password = "yourPassword"

const codeOf = (secret: string, step = 0) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + step * 30_000 })

/** Encrypts a secret as if the server had been started with the previous one. */
const sealBefore = ({ userId }: Actor, secret: string) =>
  Effect.gen(function* () {
    const settings = Layer.setConfigProvider(configProviderFromEnv({ JWT_SECRET: previous }))
    const box = yield* Effect.provide(SecretBox, Layer.provide(AesSecretBox.layer, settings))
    return yield* box.seal(Redacted.make(secret), { userId, purpose: "totp secret" })
  })

const storedSecret = ({ userId }: Actor) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ data: string }>`
      select data from mfa_methods where user_id = ${userId} and method = 'totp'`
    return rows[0]?.data ?? ""
  })

layer(TestLayer.layer({ JWT_SECRET_PREVIOUS: previous }))("Secrets of authenticator apps", (it) => {
  it.live("are encrypted with the new key if it changes before the enrollment ends", () =>
    Effect.gen(function* () {
      const actor = yield* TestLayer.newActor()
      const methods = yield* MfaMethods
      const sql = yield* SqlClient.SqlClient
      const { secret } = yield* methods.startTotp(actor, password)
      const sealed = yield* sealBefore(actor, secret)
      yield* sql`update mfa_enrollments set data = ${sealed} where user_id = ${actor.userId}`
      expect(yield* methods.verifyTotp(actor, codeOf(secret))).toHaveLength(10)
      expect(yield* storedSecret(actor)).toStartWith((yield* SecretBox).prefix)
      yield* methods.useTotp(actor.userId, codeOf(secret, 1))
    }),
  )

  it.live("are decrypted with the previous key, and encrypted again when the server starts", () =>
    Effect.gen(function* () {
      const actor = yield* TestLayer.newActor()
      const methods = yield* MfaMethods
      const sql = yield* SqlClient.SqlClient
      const { secret } = yield* methods.startTotp(actor, password)
      yield* methods.verifyTotp(actor, codeOf(secret))
      const sealed = yield* sealBefore(actor, secret)
      yield* sql`update mfa_methods set data = ${sealed} where user_id = ${actor.userId}`
      yield* methods.useTotp(actor.userId, codeOf(secret, 1))
      yield* Layer.build(Layer.fresh(MfaMethods.Default))
      const { prefix } = yield* SecretBox
      yield* storedSecret(actor).pipe(
        Effect.delay("10 millis"),
        Effect.repeat({ until: (data) => data.startsWith(prefix) }),
      )
    }),
  )
})

layer(TestLayer.layer())("An operator's reset of second factors", (it) => {
  it.live("deletes all that an account has of them, so that the password alone signs in", () =>
    Effect.gen(function* () {
      const email = "lost-everything@example.com"
      const actor = yield* TestLayer.newActor("user", { email })
      const methods = yield* MfaMethods
      const users = yield* Users
      const { secret } = yield* methods.startTotp(actor, password)
      yield* methods.verifyTotp(actor, codeOf(secret))
      const { challengeToken } = yield* Effect.flip(users.signIn({ email }, password)).pipe(
        Effect.filterOrDie(
          (error) => error._tag === "TwoFactorRequired",
          () => new Error("no second factor was required"),
        ),
      )
      yield* (yield* Administrators).resetTwoFactor(email)
      expect(yield* methods.list(actor)).toMatchObject({ methods: [], backupCodesLeft: 0 })
      const proof = { code: codeOf(secret, 1) }
      const outdated = yield* Effect.flip(users.completeSignIn(challengeToken, proof))
      expect(outdated._tag).toBe("InvalidChallenge")
      expect((yield* users.signIn({ email }, password)).user.email).toBe(email)
    }),
  )
})
