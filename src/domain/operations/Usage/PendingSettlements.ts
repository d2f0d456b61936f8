import type { Context } from "effect"
import { Cause, Duration, Effect } from "effect"
import { isDatabaseUnavailable } from "../../shared/DatabaseUnavailable"
import { repeatEvery } from "../../shared/repeatEvery"
import type { Pricing, UsedTokens } from "./Model"
import type { UsageRepo } from "./Repo"

interface Settlement {
  readonly id: string
  readonly used: UsedTokens
  readonly price: Pricing | null
  readonly settledAt: Date
}

/**
 * Settles calls that end while the database is unavailable as soon as it is back. They cannot become many: no
 * call begins without a reservation in the database. Those of a process that dies meanwhile cost nothing, and
 * their reservations are released as those of any dead node.
 */
export const makePendingSettlements = Effect.fnUntraced(function* (
  repo: Context.Tag.Service<typeof UsageRepo>,
) {
  const pending = new Map<string, Settlement>()

  const write = ({ id, used, price, settledAt }: Settlement) => repo.settle(id, used, price, settledAt)

  const retryAll = Effect.gen(function* () {
    for (const settlement of [...pending.values()]) {
      yield* write(settlement)
      pending.delete(settlement.id)
      yield* Effect.annotateLogs(Effect.logInfo("delayed usage settlement completed"), {
        call: settlement.id,
      })
    }
  })

  /** Tries once more before the process ends; without success, or with a fault in it, the calls are logged. */
  const lastAttempt = retryAll.pipe(
    Effect.catchAllCause((cause) =>
      Effect.annotateLogs(Effect.logError("usage of calls is lost", cause), { calls: [...pending.keys()] }),
    ),
  )

  yield* Effect.addFinalizer(() => Effect.when(lastAttempt, () => pending.size > 0))
  yield* repeatEvery(
    Duration.seconds(1),
    Effect.catchAllCause(retryAll, (cause) =>
      isDatabaseUnavailable(cause) ? Effect.void : Effect.failCause(cause),
    ),
  )

  /** Settles a call now or, if the database is unavailable, later. */
  return (settlement: Settlement) =>
    write(settlement).pipe(
      Effect.catchAllCause((cause) => {
        if (!isDatabaseUnavailable(cause) || Cause.isInterruptedOnly(cause)) return Effect.failCause(cause)
        pending.set(settlement.id, settlement)
        return Effect.annotateLogs(
          Effect.logWarning("usage settlement delayed: the database is unavailable"),
          {
            call: settlement.id,
          },
        )
      }),
    )
})
