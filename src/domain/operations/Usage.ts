import { SqlClient } from "@effect/sql"
import { Context, DateTime, Duration, Effect } from "effect"
import { type Actor, type Role, type UserId, UserNotFound } from "../shared/Actor"
import { Node } from "../shared/Node"
import { requireAdmin } from "../shared/Policy"
import { repeatEvery } from "../shared/Scheduled"
import { withTransaction } from "../shared/Transaction"
import { Audit } from "./Audit"
import { TokenLimitReached } from "./Usage/Errors"
import type { CallPrice, Reservation, UsedTokens } from "./Usage/Model"
import { UsageRepo } from "./Usage/Repo"
import { releaseLostCalls } from "./Usage/ReservationReaper"

/** How many tokens a new user may use; -1 for no limit. */
export class DefaultTokensLimit extends Context.Reference<DefaultTokensLimit>()("DefaultTokensLimit", {
  defaultValue: () => 100_000,
}) {}

/**
 * Who has used how many tokens. A call is paid for in two steps, each of which is all or
 * nothing: the most it can cost is reserved before it is made, and what it did cost is settled
 * after. Calls made at the same time therefore cannot spend the same remainder twice.
 */
export class Usage extends Effect.Service<Usage>()("Usage", {
  dependencies: [UsageRepo.Default],
  scoped: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* UsageRepo
    const audit = yield* Audit
    const defaultLimit = yield* DefaultTokensLimit
    const node = yield* Node
    yield* repeatEvery(
      Duration.seconds(30),
      Effect.provide(releaseLostCalls, Context.make(UsageRepo, repo).pipe(Context.add(Node, node))),
    )

    /** An account for a new user. Administrators have no limit. */
    const openAccount = (userId: UserId, role: Role) =>
      repo.openAccount(userId, role === "admin" ? -1 : defaultLimit)

    const of = Effect.fn("Usage.of")(function* (actor: Actor) {
      const account = yield* repo.account(actor.userId)
      return account ?? { tokensLimit: 0, tokensUsed: 0, messagesSent: 0 }
    })

    /**
     * Sets how many tokens a user may use in all; -1 for no limit. What is used or reserved already
     * stays so, but nothing more is reserved beyond it. Administrators only.
     */
    const setLimit = Effect.fn("Usage.setLimit")(function* (actor: Actor, id: UserId, tokensLimit: number) {
      yield* requireAdmin(actor)
      const limited = yield* repo.setLimit(id, tokensLimit)
      if (limited === undefined) return yield* new UserNotFound()
      yield* audit.record(actor, "update_limits", limited.userId, { tokens_limit: tokensLimit })
    }, transaction)

    /**
     * Sets the cost of a call aside, and counts the message that asks for it. True when the user
     * has a limit at all: then the call may cost no more than this.
     */
    const reserve = Effect.fn("Usage.reserve")(function* (actor: Actor, reservation: Reservation) {
      const reserved = yield* repo.reserve(actor.userId, reservation, node.id, yield* DateTime.nowAsDate)
      if (reserved === undefined) return yield* new TokenLimitReached()
      return reserved.limited
    })

    /**
     * Turns a reservation into what the call really cost, by the price of its tokens if that is
     * known. Safe to repeat: the first time counts.
     */
    const settle = Effect.fn("Usage.settle")(function* (
      id: string,
      used: UsedTokens,
      price: CallPrice | null,
    ) {
      yield* repo.settle(id, used, price, yield* DateTime.nowAsDate)
    })

    return {
      openAccount,
      of,
      setLimit,
      reserve,
      settle,
      /** Parts of statements that write elsewhere too. */ parts: repo.parts,
    }
  }),
}) {}
