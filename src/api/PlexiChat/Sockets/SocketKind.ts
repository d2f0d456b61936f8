import type { Effect } from "effect"
import type { NotPermitted, ScopeNotFound } from "../../../domain/identity/Memberships/Errors"
import type { ScopeId } from "../../../domain/identity/Memberships/Model"
import type { MessagingEvent } from "../../../domain/messaging/Outbox/Model"
import type { Actor } from "../../../domain/shared/Actor"

/** What a socket follows, and what of that it shows. */
export interface SocketKind<E = ScopeNotFound | NotPermitted> {
  readonly name: "connect" | "channel" | "dm" | "voice"
  /** Returns the scope to follow, if the user may; undefined to follow everything that the user sees. */
  readonly authorize: (actor: Actor) => Effect.Effect<ScopeId | undefined, E>
  /** Whether it has frames for an event of what it follows. */
  readonly shows: (event: MessagingEvent) => boolean
}
