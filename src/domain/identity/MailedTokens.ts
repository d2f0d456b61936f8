import { DateTime, Duration, Effect, Option } from "effect"
import type { UserId } from "../shared/Actor"
import { Tokens } from "../shared/Tokens"
import { InvalidMailedToken } from "./MailedTokens/Errors"
import { type MailedTokenPurpose, mailedTokenTtl } from "./MailedTokens/Model"
import { MailedTokensRepo } from "./MailedTokens/Repo"

/** Issues the secrets in mails, which prove access to an account's mail. Each works once, for some time. */
export class MailedTokens extends Effect.Service<MailedTokens>()("MailedTokens", {
  dependencies: [MailedTokensRepo.Default],
  effect: Effect.gen(function* () {
    const repo = yield* MailedTokensRepo
    const tokens = yield* Tokens

    /** Issues a token of 256 bits; none if the user has enough that still work. */
    const issue = Effect.fn("MailedTokens.issue")(function* (userId: UserId, purpose: MailedTokenPurpose) {
      const now = yield* DateTime.nowAsDate
      const { value, hash } = yield* tokens.generateSecret
      const expiresAt = new Date(now.getTime() + Duration.toMillis(mailedTokenTtl[purpose]))
      const inserted = yield* repo.insert(hash, userId, purpose, { now, expiresAt })
      return inserted ? Option.some(value) : Option.none()
    })

    /** Requires that a token works, without using it up. */
    const check = Effect.fn("MailedTokens.check")(function* (token: string, purpose: MailedTokenPurpose) {
      const works = yield* repo.exists(tokens.hash(token), purpose, yield* DateTime.nowAsDate)
      if (!works) return yield* new InvalidMailedToken()
    })

    /** Uses up a token and returns its user. Call it in the transaction of what it permits. */
    const consume = Effect.fn("MailedTokens.consume")(function* (token: string, purpose: MailedTokenPurpose) {
      const row = yield* repo.consume(tokens.hash(token), purpose, yield* DateTime.nowAsDate)
      const { userId } = yield* Effect.mapError(row, () => new InvalidMailedToken())
      return userId
    })

    return { issue, check, consume, revokeAll: repo.deleteAll }
  }),
}) {}
