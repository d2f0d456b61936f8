import { Duration, Effect, Encoding } from "effect"
import { RateLimiter } from "../../operations/RateLimiter"
import type { UserId } from "../../shared/Actor"
import { Mailer } from "../../shared/Mailer"
import { SmsSender } from "../../shared/SmsSender"
import { Tokens } from "../../shared/Tokens"
import { TooManyCodes } from "./Errors"
import { backupCodeCount } from "./Model"

/**
 * How many six-digit codes may be tried for one account in an hour, how many sent, how many passwords tried to
 * change its methods, and how many codes sent to one phone or mailbox, whatever accounts ask for them.
 */
const capacities = { codeAttempts: 30, deliveries: 10, passwordAttempts: 30, deliveriesTo: 5 }

/** Makes and sends the codes of second factors. */
export const makeCodes = Effect.gen(function* () {
  const tokens = yield* Tokens
  const mailer = yield* Mailer
  const sms = yield* SmsSender
  const limiter = yield* RateLimiter

  const randomHex = Effect.map(tokens.generateSecret, ({ hash }) => Encoding.encodeHex(hash))

  /** Returns what to store of a code: only this server can compute it, because the code itself can be guessed. */
  const hash = (purpose: string, code: string) => tokens.authenticationCode(`code ${purpose} ${code}`)

  const bucketOf = (kind: keyof typeof capacities, of: string) => ({
    key: `second factor ${kind} ${of}`,
    capacity: capacities[kind],
    window: Duration.hours(1),
  })

  /** Limits guesses and messages by account or destination, whatever addresses they come from. */
  const limit = Effect.fnUntraced(function* (kind: keyof typeof capacities, userId: string) {
    const result = yield* limiter.consume([bucketOf(kind, userId)])
    if (result !== undefined && !result.allowed)
      return yield* new TooManyCodes({
        retryAfter: Math.max(1, Math.ceil(Duration.toSeconds(result.retryAfter))),
      })
  })

  /** Sends six digits and returns what to store of them. `reason` says what they are for. */
  const send = Effect.fnUntraced(function* (
    userId: UserId,
    purpose: string,
    method: "sms" | "email",
    destination: string,
    reason: string,
  ) {
    yield* limit("deliveries", userId)
    yield* limit("deliveriesTo", Encoding.encodeHex(tokens.hash(destination)))
    const digits = BigInt(`0x${(yield* randomHex).slice(0, 16)}`) % 1_000_000n
    const code = String(digits).padStart(6, "0")
    const text = `Your code is ${code}. It is valid for a few minutes. ${reason}`
    yield* method === "sms"
      ? sms.send(destination, text)
      : mailer.send({ to: destination, subject: "Your code", text })
    return hash(purpose, code)
  })

  /** Generates backup codes of 80 random bits each, and the hashes to store. */
  const generateBackupCodes = Effect.map(Effect.replicateEffect(randomHex, backupCodeCount), (secrets) =>
    secrets.map((hex) => {
      const code = (hex.slice(0, 20).match(/.{5}/g) ?? []).join("-")
      return { code, hash: tokens.hash(code) }
    }),
  )

  const hashBackupCode = (code: string) => tokens.hash(code.trim().toLowerCase())

  const matches = (stored: Uint8Array | null, purpose: string, code: string) =>
    stored !== null && Encoding.encodeHex(stored) === Encoding.encodeHex(hash(purpose, code))

  return { limit, send, matches, generateBackupCodes, hashBackupCode, isSmsAvailable: sms.isConfigured }
})
