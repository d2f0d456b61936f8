import { Effect } from "effect"
import type { Actor } from "../../shared/Actor"
import { BanNotAllowed } from "./Errors"
import type { User } from "./Model"

export const requireCanBan = (actor: Actor, user: User): Effect.Effect<void, BanNotAllowed> => {
  if (user.id === actor.userId) return new BanNotAllowed({ reason: "You cannot ban yourself." })
  if (user.role === "admin") return new BanNotAllowed({ reason: "Administrators cannot be banned." })
  return Effect.void
}
