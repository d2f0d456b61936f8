import { DateTime, Effect } from "effect"
import type { Actor } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import { GoalNotFound } from "./Goals/Errors"
import { type Goal, type GoalChange, GoalId, type NewGoal } from "./Goals/Model"
import { GoalsRepo } from "./Goals/Repo"

/** Manages a user's goals, which are visible to that user only. */
export class Goals extends Effect.Service<Goals>()("Goals", {
  dependencies: [GoalsRepo.Default],
  effect: Effect.gen(function* () {
    const repo = yield* GoalsRepo
    const ids = yield* IdGenerator

    /** Lists all of the actor's goals, newest first. */
    const list = Effect.fn("Goals.list")(repo.list)

    const create = Effect.fn("Goals.create")(function* (actor: Actor, input: NewGoal) {
      const now = yield* DateTime.nowAsDate
      const goal: Goal = {
        id: GoalId.make(yield* ids.generate),
        userId: actor.userId,
        title: input.title,
        description: input.description ?? null,
        status: "pending",
        createdAt: now,
        updatedAt: now,
      }
      yield* repo.insert(goal)
      return goal
    })

    /** Updates the provided fields; a `description` of null removes it. */
    const update = Effect.fn("Goals.update")(function* (actor: Actor, id: GoalId, change: GoalChange) {
      const goal = yield* repo.update(actor, id, change, yield* DateTime.nowAsDate)
      return yield* Effect.mapError(goal, () => new GoalNotFound())
    })

    const remove = Effect.fn("Goals.remove")(function* (actor: Actor, id: GoalId) {
      const removed = yield* repo.remove(actor, id)
      if (!removed) return yield* new GoalNotFound()
    })

    return { list, create, update, remove }
  }),
}) {}
