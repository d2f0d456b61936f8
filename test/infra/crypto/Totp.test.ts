import { expect } from "bun:test"
import { Effect, Option, Redacted } from "effect"
import { Totp } from "../../../src/domain/identity/Totp"
import * as OtpauthTotp from "../../../src/infra/crypto/Totp"
import { layer } from "../../support/it"

/** The secret of RFC 6238's test vectors, `12345678901234567890`, in base32. */
const rfcSecret = Redacted.make("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")

/** The vectors of RFC 6238, appendix B, for SHA-1: seconds, and the last six of the eight digits there. */
const vectors = [
  [59, "287082"],
  [1111111109, "081804"],
  [1111111111, "050471"],
  [1234567890, "005924"],
  [2000000000, "279037"],
  [20000000000, "353130"],
] as const

const at = (seconds: number) => new Date(seconds * 1000)

layer(OtpauthTotp.layer)("TOTP", (it) => {
  it.effect("accepts the codes of RFC 6238's test vectors at their times", () =>
    Effect.gen(function* () {
      const totp = yield* Totp
      for (const [seconds, code] of vectors)
        expect([code, totp.findStep(rfcSecret, code, at(seconds))]).toEqual([
          code,
          Option.some(Math.floor(seconds / 30)),
        ])
    }),
  )

  it.effect("accepts the codes of the steps before and after, and no others", () =>
    Effect.gen(function* () {
      const totp = yield* Totp
      const [seconds, code] = vectors[1]
      const step = Math.floor(seconds / 30)
      const found = [-60, -30, 0, 30, 60].map((shift) =>
        Option.getOrNull(totp.findStep(rfcSecret, code, at(step * 30 + shift))),
      )
      expect(found).toEqual([null, step, step, step, null])
    }),
  )

  it.effect("rejects whatever is not six digits", () =>
    Effect.gen(function* () {
      const totp = yield* Totp
      for (const code of ["", "81804", "0081804", " 081804", "08180a", "٠٨١٨٠٤", "14081804"])
        expect(totp.findStep(rfcSecret, code, at(1111111109))).toEqual(Option.none())
    }),
  )

  it.effect("generates secrets of 160 bits that differ, and a URL for authenticator apps", () =>
    Effect.gen(function* () {
      const totp = yield* Totp
      const [one, other] = [totp.generateSecret(), totp.generateSecret()].map(Redacted.value)
      expect([one, one === other]).toEqual([expect.stringMatching(/^[A-Z2-7]{32}$/), false])
      const url = new URL(totp.url(rfcSecret, "ada@example.com"))
      expect([url.protocol, url.host, decodeURIComponent(url.pathname)]).toEqual([
        "otpauth:",
        "totp",
        "/Parley:ada@example.com",
      ])
      expect(Object.fromEntries(url.searchParams)).toEqual({
        issuer: "Parley",
        secret: Redacted.value(rfcSecret),
        algorithm: "SHA1",
        digits: "6",
        period: "30",
      })
    }),
  )
})
