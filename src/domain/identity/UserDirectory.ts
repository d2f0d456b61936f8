import { Effect } from "effect"
import { type Actor, type UserId, UserNotFound } from "../shared/Actor"
import type { OffsetLimit } from "../shared/Page"
import { requireAdmin } from "../shared/Policy"
import type { PeopleFilter } from "./UserDirectory/Model"
import { PeopleRepo } from "./UserDirectory/Repo"

/** Everyone who has an account, for administrators to look at. */
export class People extends Effect.Service<People>()("People", {
  dependencies: [PeopleRepo.Default],
  effect: Effect.gen(function* () {
    const repo = yield* PeopleRepo

    /** The newest first. */
    const list = Effect.fn("People.list")(function* (
      actor: Actor,
      filter: PeopleFilter,
      window: OffsetLimit,
    ) {
      yield* requireAdmin(actor)
      return yield* repo.list(filter, window)
    })

    /** One of them, with how much they have made. */
    const get = Effect.fn("People.get")(function* (actor: Actor, id: UserId) {
      yield* requireAdmin(actor)
      return yield* Effect.mapError(yield* repo.find(id), () => new UserNotFound())
    })

    return { list, get }
  }),
}) {}
