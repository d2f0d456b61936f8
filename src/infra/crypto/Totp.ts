import { Layer, Option, Redacted } from "effect"
import { Secret, TOTP } from "otpauth"
import { Totp } from "../../domain/identity/Totp"

const issuer = "Parley"
const period = 30

/** Codes of the steps before and after the present one are accepted: clocks differ, and typing takes time. */
const window = 1

const generator = (secret: Redacted.Redacted, label = "") =>
  new TOTP({
    issuer,
    label,
    secret: Secret.fromBase32(Redacted.value(secret)),
    algorithm: "SHA1",
    digits: 6,
    period,
  })

/** Implements the port with `otpauth`. */
export const layer = Layer.succeed(Totp, {
  generateSecret: () => Redacted.make(new Secret({ size: 20 }).base32),
  url: (secret, account) => generator(secret, account).toString(),
  findStep: (secret, code, at) => {
    const timestamp = at.getTime()
    const delta = /^\d{6}$/.test(code) ? generator(secret).validate({ token: code, timestamp, window }) : null
    return Option.map(Option.fromNullable(delta), (steps) => Math.floor(timestamp / 1000 / period) + steps)
  },
})
