import { Effect } from "effect"
import type { Actor } from "../../shared/Actor"
import { CannotBan } from "./Errors"
import type { User } from "./Model"

export const mayBan = (actor: Actor, user: User): Effect.Effect<void, CannotBan> => {
  if (user.id === actor.userId) return new CannotBan({ why: "You cannot ban yourself." })
  if (user.role === "admin") return new CannotBan({ why: "Administrators cannot be banned." })
  return Effect.void
}
