import { DateTime, Effect } from "effect"
import type { Actor } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import type { OffsetLimit } from "../shared/Page"
import { requireAdmin } from "../shared/Policy"
import { AuditRepo } from "./Audit/Repo"

/** Records the actions of administrators. */
export class Audit extends Effect.Service<Audit>()("Audit", {
  dependencies: [AuditRepo.Default],
  effect: Effect.gen(function* () {
    const repo = yield* AuditRepo
    const ids = yield* IdGenerator

    /** Records an action. Call it in the transaction that performs it, so that both commit or neither does. */
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

    /** Lists entries, optionally of one action only, newest first. Requires an administrator. */
    const list = Effect.fn("Audit.list")(function* (actor: Actor, window: OffsetLimit, action?: string) {
      yield* requireAdmin(actor)
      return yield* repo.list(window, action)
    })

    return { record, list }
  }),
}) {}
