import { DateTime, Effect } from "effect"
import type { Actor } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import type { OffsetLimit } from "../shared/Page"
import { requireAdmin } from "../shared/Policy"
import type { NewFeedback } from "./Feedback/Model"
import { FeedbackRepo } from "./Feedback/Repo"

/** Collects the feedback of users for administrators. */
export class Feedback extends Effect.Service<Feedback>()("Feedback", {
  dependencies: [FeedbackRepo.Default],
  effect: Effect.gen(function* () {
    const repo = yield* FeedbackRepo
    const ids = yield* IdGenerator

    const submit = Effect.fn("Feedback.submit")(function* (actor: Actor, { type, content }: NewFeedback) {
      const id = yield* ids.generate
      yield* repo.insert({ id, userId: actor.userId, type, content, createdAt: yield* DateTime.nowAsDate })
    })

    /** Lists a range of all feedback, newest first. Requires an administrator. */
    const page = Effect.fn("Feedback.page")(function* (actor: Actor, range: OffsetLimit) {
      yield* requireAdmin(actor)
      return yield* repo.page(range)
    })

    return { submit, page }
  }),
}) {}
