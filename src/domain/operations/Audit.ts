import { SqlClient } from "@effect/sql"
import { DateTime, Effect } from "effect"
import type { Actor } from "../shared/Actor"
import { ClientAddress } from "../shared/ClientAddress"
import { IdGenerator } from "../shared/Ids"
import type { OffsetLimit } from "../shared/Page"
import { requireAdmin } from "../shared/Policy"
import { withTransaction } from "../shared/Transaction"
import { type AuditFilter, operator } from "./Audit/Model"
import { AuditRepo } from "./Audit/Repo"

/** Records the actions of administrators and of the server's operator, in a chain of hashes that shows later changes. */
export class Audit extends Effect.Service<Audit>()("Audit", {
  dependencies: [AuditRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* AuditRepo
    const ids = yield* IdGenerator

    /**
     * Records an action. Call it last in the transaction that performs it, so that both commit or neither does;
     * entries join the chain one after another.
     */
    const record = Effect.fn("Audit.record")(function* (
      actor: Pick<Actor, "userId">,
      action: string,
      targetId: string,
      details: Readonly<Record<string, unknown>> = {},
    ) {
      const id = yield* ids.generate
      const createdAt = yield* DateTime.nowAsDate
      const ip = (yield* ClientAddress)() ?? null
      yield* repo.lockChain
      yield* repo.insert({ id, adminId: actor.userId, action, targetId, details, ip, createdAt })
    }, transaction)

    /** Records an action of the server's operator, as `record` does. */
    const recordOperator = (action: string, targetId: string, details?: Readonly<Record<string, unknown>>) =>
      record(operator, action, targetId, details)

    /** Lists the entries that a filter selects, newest first. Requires an administrator. */
    const list = Effect.fn("Audit.list")(function* (
      actor: Actor,
      window: OffsetLimit,
      filter: AuditFilter = {},
    ) {
      yield* requireAdmin(actor)
      return yield* repo.list(window, filter)
    })

    /** Checks the whole chain, and whether an entry has a hash noted before. For the server's operator. */
    const verify = Effect.fn("Audit.verify")(repo.verify)

    return { record, recordOperator, list, verify }
  }),
}) {}
