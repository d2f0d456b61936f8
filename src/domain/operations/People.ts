import { Effect } from "effect"
import { UserNotFound } from "../identity/Users/Errors"
import type { Actor, UserId } from "../kernel/Actor"
import type { Window } from "../kernel/Page"
import { mayAdminister } from "../kernel/Policy"
import type { PeopleFilter } from "./People/Model"
import { PeopleRepo } from "./People/Repo"

/** Everyone who has an account, for administrators to look at. */
export class People extends Effect.Service<People>()("People", {
  dependencies: [PeopleRepo.Default],
  effect: Effect.gen(function* () {
    const repo = yield* PeopleRepo

    /** The newest first. */
    const list = Effect.fn("People.list")(function* (actor: Actor, filter: PeopleFilter, window: Window) {
      yield* mayAdminister(actor)
      return yield* repo.list(filter, window)
    })

    /** One of them, with how much they have made. */
    const get = Effect.fn("People.get")(function* (actor: Actor, id: UserId) {
      yield* mayAdminister(actor)
      return yield* Effect.mapError(yield* repo.find(id), () => new UserNotFound())
    })

    return { list, get }
  }),
}) {}
