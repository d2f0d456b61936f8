import { SqlClient } from "@effect/sql"
import { DateTime, Effect, Option } from "effect"
import type { UserId } from "../shared/Actor"
import { Mailer } from "../shared/Mailer"
import { PublicUrl } from "../shared/PublicUrl"
import { execute } from "../shared/Rows"
import { withTransaction } from "../shared/Transaction"
import { verificationMail } from "./accountMails"
import { MailedTokens } from "./MailedTokens"

/** Verifies email addresses by mail. */
export class EmailVerification extends Effect.Service<EmailVerification>()("EmailVerification", {
  dependencies: [MailedTokens.Default],
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const transaction = withTransaction(sql)
    const mailedTokens = yield* MailedTokens
    const mailer = yield* Mailer
    const publicUrl = yield* PublicUrl

    /** Mails a user the link that verifies their address. Call it after the user is committed. */
    const send = Effect.fn("EmailVerification.send")(function* (userId: UserId, email: string) {
      const token = yield* mailedTokens.issue(userId, "verify_email")
      if (Option.isSome(token)) yield* mailer.send(verificationMail(email, token.value, publicUrl))
    })

    /** Marks the email address of a token's user as verified. */
    const verify = Effect.fn("EmailVerification.verify")(function* (token: string) {
      const userId = yield* mailedTokens.consume(token, "verify_email")
      const now = yield* DateTime.nowAsDate
      yield* execute(
        sql`update users set email_verified_at = coalesce(email_verified_at, ${now}) where id = ${userId}`,
      )
    }, transaction)

    return { send, verify }
  }),
}) {}
