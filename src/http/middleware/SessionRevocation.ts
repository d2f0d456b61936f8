import { Effect, Layer, Stream } from "effect"
import { Sessions } from "../../domain/identity/Sessions"
import type { Actor } from "../../domain/shared/Actor"
import { Connections } from "../StreamResponse"

/** An open connection that belongs to a user's session. */
interface OpenConnection {
  readonly actor: Actor
  readonly close: () => void
}

/**
 * Closes connections whose session is revoked: by logout, ban or password change. `connections` returns
 * those that are open at that time.
 */
export const disconnectRevoked = (connections: () => ReadonlyArray<OpenConnection>) =>
  Effect.gen(function* () {
    const sessions = yield* Sessions
    const closeRevoked = (mayBeRevoked: (actor: Actor) => boolean) =>
      Effect.forEach(
        connections().filter(({ actor }) => mayBeRevoked(actor)),
        ({ actor, close }) =>
          Effect.flatMap(sessions.isActive(actor), (active) => (active ? Effect.void : Effect.sync(close))),
        { discard: true, concurrency: 8 },
      )
    yield* Effect.forkScoped(Stream.runForEach(sessions.revocations, closeRevoked))
  })

/** Closes event streams of revoked sessions. The generations that they follow continue. */
export const layer = Layer.scopedDiscard(
  Effect.flatMap(Connections, ({ open }) =>
    disconnectRevoked(() =>
      [...open].flatMap((connection) =>
        connection.actor === undefined ? [] : [{ actor: connection.actor, close: connection.abort }],
      ),
    ),
  ),
)
