import { DateTime, Effect } from "effect"
import type { Actor } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import type { OffsetLimit } from "../shared/Page"
import { requireAdmin } from "../shared/Policy"
import { AuditRepo } from "./Audit/Repo"

/** What administrators did, kept for those who come after them. */
export class Audit extends Effect.Service<Audit>()("Audit", {
  dependencies: [AuditRepo.Default],
  effect: Effect.gen(function* () {
    const repo = yield* AuditRepo
    const ids = yield* IdGenerator

    /** Writes down what is being done. Call it in the transaction that does it. */
    const record = Effect.fn("Audit.record")(function* (
      actor: Actor,
      action: string,
      targetId: string,
      details: Readonly<Record<string, unknown>> = {},
    ) {
      const id = yield* ids.generate
      const createdAt = yield* DateTime.nowAsDate
      yield* repo.insert({ id, adminId: actor.userId, action, targetId, details, createdAt })
    })

    /** The latest first; all of them, or those of one action. Administrators only. */
    const list = Effect.fn("Audit.list")(function* (actor: Actor, window: OffsetLimit, action?: string) {
      yield* requireAdmin(actor)
      return yield* repo.list(window, action)
    })

    return { record, list }
  }),
}) {}
