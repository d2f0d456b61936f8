import { Duration, Effect, Encoding } from "effect"
import { RateLimiter } from "../../operations/RateLimiter"
import type { UserId } from "../../shared/Actor"
import { Mailer } from "../../shared/Mailer"
import { SmsSender } from "../../shared/SmsSender"
import { Tokens } from "../../shared/Tokens"
import { TooManyCodes } from "./Errors"
import { backupCodeCount } from "./Model"

/** How many codes may be tried for one account in an hour, and how many sent. */
const capacities = { tried: 30, sent: 10 }

/** Makes and sends the codes of second factors. */
export const makeCodes = Effect.gen(function* () {
  const tokens = yield* Tokens
  const mailer = yield* Mailer
  const sms = yield* SmsSender
  const limiter = yield* RateLimiter

  const randomHex = Effect.map(tokens.generateSecret, ({ hash }) => Encoding.encodeHex(hash))

  /** Returns what to store of a code: only this server can compute it, because the code itself can be guessed. */
  const hash = (purpose: string, code: string) => tokens.authenticationCode(`code ${purpose} ${code}`)

  /** Limits guesses and messages by account, whatever addresses they come from. */
  const limit = Effect.fnUntraced(function* (userId: UserId, kind: keyof typeof capacities) {
    const bucket = {
      key: `codes ${kind} ${userId}`,
      capacity: capacities[kind],
      window: Duration.hours(1),
    }
    const result = yield* limiter.consume([bucket])
    if (result !== undefined && !result.allowed)
      return yield* new TooManyCodes({
        retryAfter: Math.max(1, Math.ceil(Duration.toSeconds(result.retryAfter))),
      })
  })

  /** Sends six digits and returns what to store of them. */
  const send = Effect.fnUntraced(function* (
    userId: UserId,
    purpose: string,
    method: "sms" | "email",
    destination: string,
  ) {
    yield* limit(userId, "sent")
    const digits = BigInt(`0x${(yield* randomHex).slice(0, 16)}`) % 1_000_000n
    const code = String(digits).padStart(6, "0")
    const text = `Your code is ${code}. It is valid for a few minutes. If you did not ask for it, somebody may know your password.`
    yield* method === "sms"
      ? sms.send(destination, text)
      : mailer.send({ to: destination, subject: "Your code", text })
    return hash(purpose, code)
  })

  /** Generates backup codes of 80 random bits each, and the hashes to store. */
  const generateBackupCodes = Effect.map(Effect.replicateEffect(randomHex, backupCodeCount), (all) =>
    all.map((hex) => {
      const code = (hex.slice(0, 20).match(/.{5}/g) ?? []).join("-")
      return { code, hash: tokens.hash(code) }
    }),
  )

  const hashBackupCode = (code: string) => tokens.hash(code.trim().toLowerCase())

  const matches = (stored: Uint8Array | null, purpose: string, code: string) =>
    stored !== null && Encoding.encodeHex(stored) === Encoding.encodeHex(hash(purpose, code))

  return { limit, send, matches, generateBackupCodes, hashBackupCode, isSmsAvailable: sms.isConfigured }
})
