import { DateTime, Effect } from "effect"
import { type Actor, type UserId, UserNotFound } from "../shared/Actor"
import type { OffsetLimit } from "../shared/Page"
import { requireAdmin } from "../shared/Policy"
import type { UserFilter } from "./UserDirectory/Model"
import { UserDirectoryRepo } from "./UserDirectory/Repo"

/** Lists users: to administrators with their accounts, to others as far as they may see them. */
export class UserDirectory extends Effect.Service<UserDirectory>()("UserDirectory", {
  dependencies: [UserDirectoryRepo.Default],
  effect: Effect.gen(function* () {
    const repo = yield* UserDirectoryRepo

    /** Lists a range of the users that match the filter, newest first. Requires an administrator. */
    const list = Effect.fn("UserDirectory.list")(function* (
      actor: Actor,
      filter: UserFilter,
      window: OffsetLimit,
    ) {
      yield* requireAdmin(actor)
      return yield* repo.list(filter, window, yield* DateTime.nowAsDate)
    })

    /** Returns a user with the numbers of their conversations and assistants. Requires an administrator. */
    const get = Effect.fn("UserDirectory.get")(function* (actor: Actor, id: UserId) {
      yield* requireAdmin(actor)
      return yield* Effect.mapError(yield* repo.find(id), () => new UserNotFound())
    })

    /** Lists a range of the users who are not banned, newest first. `search` matches username or name. */
    const listVisible = Effect.fn("UserDirectory.listVisible")(repo.listVisible)

    const getVisible = Effect.fn("UserDirectory.getVisible")((actor: Actor, id: UserId) =>
      Effect.mapError(Effect.flatten(repo.findVisible(actor, id)), () => new UserNotFound()),
    )

    return { list, get, listVisible, getVisible }
  }),
}) {}
