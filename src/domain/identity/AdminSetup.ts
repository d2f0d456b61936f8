import { SqlClient } from "@effect/sql"
import { DateTime, Duration, Effect, Option } from "effect"
import { Tokens } from "../shared/Tokens"
import { withTransaction } from "../shared/Transaction"
import { Administrators } from "./Administrators"
import { InvalidSetupToken } from "./AdminSetup/Errors"
import { AdminSetupRepo } from "./AdminSetup/Repo"
import type { NewUser } from "./Users/Model"

/** How long the token works that a start issues. */
const tokenTtl = Duration.hours(24)

/**
 * Lets whoever reads the server's output create the first administrator: each start without an administrator
 * issues a token, which works once and only while there is none.
 */
export class AdminSetup extends Effect.Service<AdminSetup>()("AdminSetup", {
  dependencies: [AdminSetupRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* AdminSetupRepo
    const tokens = yield* Tokens
    const administrators = yield* Administrators

    /** Issues a token; none if there is an administrator. Tokens of other nodes still work. */
    const issue = Effect.gen(function* () {
      const { value, hash } = yield* tokens.generateSecret
      const now = yield* DateTime.nowAsDate
      const issued = yield* repo.insert(hash, now, new Date(now.getTime() + Duration.toMillis(tokenTtl)))
      return issued ? Option.some(value) : Option.none()
    }).pipe(Effect.withSpan("AdminSetup.issue"))

    /** Requires that a token works, without using it up. */
    const check = Effect.fn("AdminSetup.check")(function* (token: string) {
      const works = yield* repo.exists(tokens.hash(token), yield* DateTime.nowAsDate)
      if (!works) return yield* new InvalidSetupToken()
    })

    /** Uses up a token, and with it all others, and creates the administrator. */
    const createAdmin = Effect.fn("AdminSetup.createAdmin")(function* (token: string, input: NewUser) {
      yield* check(token)
      return yield* Effect.gen(function* () {
        const consumed = yield* repo.consume(tokens.hash(token), yield* DateTime.nowAsDate)
        if (!consumed) return yield* new InvalidSetupToken()
        return yield* administrators.create(input, "setup link")
      }).pipe(transaction)
    })

    return { issue, check, createAdmin }
  }),
}) {}
