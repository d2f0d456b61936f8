import { SqlClient } from "@effect/sql"
import { DateTime, Duration, Effect, Option } from "effect"
import { type Actor, type Role, type UserId, UserNotFound } from "../shared/Actor"
import { CurrentSettings } from "../shared/CurrentSettings"
import { Node } from "../shared/Node"
import { requireAdmin } from "../shared/Policy"
import { repeatEvery } from "../shared/repeatEvery"
import { withTransaction } from "../shared/Transaction"
import { Audit } from "./Audit"
import { TokenLimitReached } from "./Usage/Errors"
import type { Pricing, Reservation, UsagePeriod, UsedTokens } from "./Usage/Model"
import { makePendingSettlements } from "./Usage/PendingSettlements"
import { UsageRepo } from "./Usage/Repo"
import { releaseOrphanedReservations } from "./Usage/ReservationReaper"
import { toReport } from "./Usage/Rules"

/**
 * Accounts for the tokens that users consume. A call is charged in two atomic steps: its maximum cost
 * is reserved before, and its actual cost is settled after. Concurrent calls therefore cannot spend
 * the same remainder twice.
 */
export class Usage extends Effect.Service<Usage>()("Usage", {
  dependencies: [UsageRepo.Default],
  scoped: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* UsageRepo
    const audit = yield* Audit
    const settings = yield* CurrentSettings
    const node = yield* Node
    const settleOrDelay = yield* makePendingSettlements(repo)
    yield* repeatEvery(Duration.seconds(30), releaseOrphanedReservations(repo, node))

    /** Creates the account of a new user. Administrators have no limit. */
    const createAccount = (userId: UserId, role: Role) =>
      repo.createAccount(userId, role === "admin" ? -1 : settings.get().tokensLimit)

    const getAccount = Effect.fn("Usage.getAccount")(function* (actor: Actor) {
      const account = yield* repo.getAccount(actor.userId)
      return Option.getOrElse(account, () => ({ tokensLimit: 0, tokensUsed: 0, messagesSent: 0 }))
    })

    /** Reports the actor's usage in a period, in total, by model and by day. */
    const report = Effect.fn("Usage.report")((actor: Actor, period: UsagePeriod) =>
      Effect.zipWith(repo.listDays(actor.userId, period), getAccount(actor), toReport),
    )

    /**
     * Sets a user's total token limit; -1 for no limit. Tokens already used or reserved are unaffected,
     * but further reservations must fit the new limit. Requires an administrator.
     */
    const setLimit = Effect.fn("Usage.setLimit")(function* (actor: Actor, id: UserId, tokensLimit: number) {
      yield* requireAdmin(actor)
      const { userId } = yield* Effect.mapError(
        yield* repo.setLimit(id, tokensLimit),
        () => new UserNotFound(),
      )
      yield* audit.record(actor, "update_limits", userId, { tokens_limit: tokensLimit })
    }, transaction)

    /**
     * Reserves the maximum cost of a call and counts the message it answers. Fails if the limit does not
     * cover it. Returns whether the user has a limit, in which case the call must not cost more.
     */
    const reserve = Effect.fn("Usage.reserve")(function* (actor: Actor, reservation: Reservation) {
      const reserved = yield* repo.reserve(actor.userId, reservation, node.id, yield* DateTime.nowAsDate)
      const { limited } = yield* Effect.mapError(reserved, () => new TokenLimitReached())
      return limited
    })

    /**
     * Replaces a reservation by the actual cost of the call, priced if the price is known. Idempotent:
     * the first call counts. While the database is unavailable, it is retried in the background.
     */
    const settle = Effect.fn("Usage.settle")(function* (id: string, used: UsedTokens, price: Pricing | null) {
      yield* settleOrDelay({ id, used, price, settledAt: yield* DateTime.nowAsDate })
    })

    return {
      createAccount,
      getAccount,
      report,
      setLimit,
      reserve,
      settle,
    }
  }),
}) {}
