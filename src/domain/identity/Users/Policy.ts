import { Effect } from "effect"
import type { Actor } from "../../shared/Actor"
import type { AccountStatus } from "../AccountStatus"
import { DeletionNotAllowed, StatusChangeNotAllowed } from "./Errors"
import type { User } from "./Model"

export const requireCanSetStatus = (
  actor: Actor,
  user: User,
  status: AccountStatus,
): Effect.Effect<void, StatusChangeNotAllowed> => {
  const reject = (ban: string, other: string) =>
    new StatusChangeNotAllowed({ reason: status === "banned" ? ban : other })
  if (user.id === actor.userId)
    return reject("You cannot ban yourself.", "You cannot change your own status.")
  if (user.role === "admin")
    return reject("Administrators cannot be banned.", "The status of administrators cannot be changed.")
  return Effect.void
}

export const requireCanDelete = (user: User): Effect.Effect<void, DeletionNotAllowed> =>
  user.role === "admin" ? new DeletionNotAllowed() : Effect.void
