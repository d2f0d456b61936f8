import { Data, Effect } from "effect"
import type { Actor } from "./Actor"

export class AdminRequired extends Data.TaggedError("AdminRequired") {
  override get message() {
    return "Only an administrator may do this."
  }
}

export const requireAdmin = (actor: Actor): Effect.Effect<void, AdminRequired> =>
  actor.role === "admin" ? Effect.void : new AdminRequired()
