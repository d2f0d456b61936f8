import { Data, Effect } from "effect"
import type { Actor } from "./Actor"

export class AdminsOnly extends Data.TaggedError("AdminsOnly") {
  override get message() {
    return "Only an administrator may do this."
  }
}

export const mayAdminister = (actor: Actor): Effect.Effect<void, AdminsOnly> =>
  actor.role === "admin" ? Effect.void : new AdminsOnly()
