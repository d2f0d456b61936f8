import { Context, type Option, type Redacted } from "effect"

/** Time-based one-time passwords as RFC 6238 defines them: SHA-1, six digits, steps of 30 seconds. */
export class Totp extends Context.Tag("Totp")<
  Totp,
  {
    /** Generates a secret of 160 random bits in base32. */
    readonly generateSecret: () => Redacted.Redacted
    /** Returns the `otpauth:` URL that authenticator apps read from a QR code. */
    readonly url: (secret: Redacted.Redacted, account: string) => string
    /** Returns the time step whose code this is, of the present one and its two neighbors. */
    readonly findStep: (secret: Redacted.Redacted, code: string, at: Date) => Option.Option<number>
  }
>() {}
