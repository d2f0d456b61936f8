import { SqlClient } from "@effect/sql"
import { DateTime, Duration, Effect, Encoding } from "effect"
import type { UserId } from "../shared/Actor"
import { Tokens } from "../shared/Tokens"
import { withTransaction } from "../shared/Transaction"
import { InvalidChallenge, TwoFactorRequired } from "./Mfa/Errors"
import { challengeTtl, type MfaProof } from "./Mfa/Model"
import { type Challenge, MfaRepo } from "./Mfa/Repo"
import { MfaMethods } from "./MfaMethods"
import { InvalidTwoFactorCode, MethodUnavailable } from "./MfaMethods/Errors"
import type { MfaProofMethod } from "./MfaMethods/Model"

const isSixDigits = (code: string) => /^\d{6}$/.test(code)

const isGuessable = ({ assertion, code = "" }: MfaProof) => assertion === undefined && isSixDigits(code)

/** Challenges users at sign-in to prove their second factor. */
export class Mfa extends Effect.Service<Mfa>()("Mfa", {
  dependencies: [MfaRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* MfaRepo
    const methods = yield* MfaMethods
    const tokens = yield* Tokens

    const purposeOf = (tokenHash: Uint8Array) => `challenge ${Encoding.encodeHex(tokenHash)}`

    /** Starts a challenge for a user whose password was verified against this hash, and fails with its token. */
    const challenge = Effect.fn("Mfa.challenge")(function* (userId: UserId, passwordHash: string) {
      const now = yield* DateTime.nowAsDate
      const { value, hash } = yield* tokens.generateSecret
      const expiresAt = new Date(now.getTime() + Duration.toMillis(challengeTtl))
      yield* repo.insert(hash, userId, passwordHash, now, expiresAt)
      const proofMethods = yield* methods.listProofMethods(userId)
      return yield* new TwoFactorRequired({ challengeToken: value, methods: proofMethods })
    })

    const findOpen = (tokenHash: Uint8Array) =>
      Effect.gen(function* () {
        const challenge = yield* repo.find(tokenHash, yield* DateTime.nowAsDate)
        return yield* Effect.mapError(challenge, () => new InvalidChallenge())
      })

    /** Sends the code of a challenge, or returns the options for the security key at a page of this origin. */
    const send = Effect.fn("Mfa.send")(function* (
      challengeToken: string,
      method: MfaProofMethod,
      origin: string,
    ) {
      const tokenHash = tokens.hash(challengeToken)
      const { userId } = yield* findOpen(tokenHash)
      if (method === "webauthn") {
        const { options, ceremony } = yield* methods.webAuthnOptions(userId, origin)
        yield* repo.setCeremony(tokenHash, ceremony)
        return { method, destination: null, options }
      }
      if (method !== "sms" && method !== "email") return yield* new MethodUnavailable()
      const { hash, destination } = yield* methods.sendCode(userId, method, purposeOf(tokenHash))
      yield* repo.setCode(tokenHash, method, hash)
      return { method, destination, options: null }
    })

    const useCode = Effect.fnUntraced(function* (
      { userId, codeMethod, codeHash }: Challenge,
      method: MfaProofMethod | undefined,
      code: string,
      purpose: string,
    ) {
      const wasSent =
        (method === undefined || method === codeMethod) && methods.matchesCode(codeHash, purpose, code)
      if (wasSent) return
      if (method === "totp" || (method === undefined && isSixDigits(code)))
        return yield* methods.useTotp(userId, code)
      if (method === "backup_code" || method === undefined) return yield* methods.useBackupCode(userId, code)
      return yield* new InvalidTwoFactorCode()
    })

    /**
     * Consumes a challenge with the proof of a second factor. Returns whom to sign in. Of two callers with a
     * valid proof one succeeds.
     */
    const redeem = Effect.fn("Mfa.redeem")(function* (challengeToken: string, proof: MfaProof) {
      const tokenHash = tokens.hash(challengeToken)
      // Backup codes and keys cannot be guessed: they work for an owner while others try codes.
      if (isGuessable(proof)) yield* methods.limitCodeAttempts((yield* findOpen(tokenHash)).userId)
      const attempted = yield* repo.attempt(tokenHash, yield* DateTime.nowAsDate)
      const challenge = yield* Effect.mapError(attempted, () => new InvalidChallenge())
      yield* Effect.gen(function* () {
        if (!(yield* repo.consume(tokenHash))) return yield* new InvalidChallenge()
        const { assertion, code = "", method } = proof
        yield* assertion === undefined
          ? useCode(challenge, method, code, purposeOf(tokenHash))
          : methods.useAssertion(challenge.userId, challenge.ceremony, assertion)
      }).pipe(transaction)
      return { userId: challenge.userId, passwordHash: challenge.passwordHash }
    })

    return { challenge, send, redeem }
  }),
}) {}
