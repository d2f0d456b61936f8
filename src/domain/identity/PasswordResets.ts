import { SqlClient } from "@effect/sql"
import { DateTime, Effect, Option, Redacted } from "effect"
import { Mailer } from "../shared/Mailer"
import { PublicUrl } from "../shared/PublicUrl"
import { withTransaction } from "../shared/Transaction"
import { resetMail } from "./accountMails"
import { MailedTokens } from "./MailedTokens"
import { PasswordHasher } from "./PasswordHasher"
import { PasswordResetsRepo } from "./PasswordResets/Repo"
import { Sessions } from "./Sessions"
import { SignInLimits } from "./SignInLimits"

/** Lets users who forgot their password choose another one by mail. */
export class PasswordResets extends Effect.Service<PasswordResets>()("PasswordResets", {
  dependencies: [PasswordResetsRepo.Default, MailedTokens.Default],
  scoped: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* PasswordResetsRepo
    const mailedTokens = yield* MailedTokens
    const sessions = yield* Sessions
    const signInLimits = yield* SignInLimits
    const hasher = yield* PasswordHasher
    const mailer = yield* Mailer
    const publicUrl = yield* PublicUrl
    const scope = yield* Effect.scope

    const sendMail = Effect.fnUntraced(
      function* (email: string) {
        const user = yield* repo.findUser(email)
        if (Option.isNone(user)) return
        const token = yield* mailedTokens.issue(user.value.id, "reset_password")
        if (Option.isSome(token)) yield* mailer.send(resetMail(email, token.value, publicUrl))
      },
      Effect.catchAllCause((cause) => Effect.logWarning("requesting a password reset failed", cause)),
      Effect.uninterruptible,
    )

    /**
     * Mails the link that resets the password, if the address has an account. Returns before it looks that up,
     * so that neither the result nor the time tells who has one.
     */
    const request = Effect.fn("PasswordResets.request")((email: string) =>
      Effect.asVoid(Effect.forkIn(sendMail(email), scope)),
    )

    /** Changes the password of a token's user and revokes all their sessions and other tokens. They can sign in from here. */
    const reset = Effect.fn("PasswordResets.reset")(function* (token: string, password: string) {
      yield* mailedTokens.check(token, "reset_password")
      const passwordHash = yield* hasher.hash(Redacted.make(password))
      const userId = yield* Effect.gen(function* () {
        const id = yield* mailedTokens.consume(token, "reset_password")
        yield* repo.setPassword(id, passwordHash, yield* DateTime.nowAsDate)
        yield* mailedTokens.revokeAll(id, "reset_password")
        yield* sessions.revokeAll(id)
        yield* signInLimits.rememberNetwork(id)
        return id
      }).pipe(transaction)
      yield* sessions.invalidate(userId)
    }, Effect.uninterruptible)

    return { request, reset }
  }),
}) {}
