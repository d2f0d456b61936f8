import type { Effect } from "effect"
import type { NotPermitted, ScopeNotFound } from "../../../domain/identity/Memberships/Errors"
import type { ScopeId } from "../../../domain/identity/Memberships/Model"
import type { MessagingEvent } from "../../../domain/messaging/Outbox/Model"
import type { Room } from "../../../domain/messaging/VoiceRooms/Model"
import type { Actor } from "../../../domain/shared/Actor"

/** What a socket is about. */
export interface SocketTarget {
  /** The scope to follow; undefined to follow everything that the user sees. */
  readonly scopeId: ScopeId | undefined
  /** The voice room whose signals it carries. */
  readonly room?: Room
}

/** What a socket follows, and what of that it shows. */
export interface SocketKind<E = ScopeNotFound | NotPermitted> {
  readonly name: "connect" | "channel" | "dm" | "voice"
  /** Returns what the socket is about, if the user may follow that. */
  readonly authorize: (actor: Actor) => Effect.Effect<SocketTarget, E>
  /** Whether it has frames for an event of what it follows. */
  readonly shows: (event: MessagingEvent) => boolean
}
