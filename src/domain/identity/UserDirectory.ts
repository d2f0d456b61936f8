import { Effect } from "effect"
import { type Actor, type UserId, UserNotFound } from "../shared/Actor"
import type { OffsetLimit } from "../shared/Page"
import { requireAdmin } from "../shared/Policy"
import type { UserFilter } from "./UserDirectory/Model"
import { UserDirectoryRepo } from "./UserDirectory/Repo"

/** Lists user accounts with their usage. Every method requires an administrator. */
export class UserDirectory extends Effect.Service<UserDirectory>()("UserDirectory", {
  dependencies: [UserDirectoryRepo.Default],
  effect: Effect.gen(function* () {
    const repo = yield* UserDirectoryRepo

    /** Lists a range of the users that match the filter, newest first. */
    const list = Effect.fn("UserDirectory.list")(function* (
      actor: Actor,
      filter: UserFilter,
      window: OffsetLimit,
    ) {
      yield* requireAdmin(actor)
      return yield* repo.list(filter, window)
    })

    /** Returns a user with the numbers of their conversations and assistants. */
    const get = Effect.fn("UserDirectory.get")(function* (actor: Actor, id: UserId) {
      yield* requireAdmin(actor)
      return yield* Effect.mapError(yield* repo.find(id), () => new UserNotFound())
    })

    return { list, get }
  }),
}) {}
