import { Effect, Layer, Stream } from "effect"
import { Sessions } from "../../domain/identity/Sessions"
import type { Actor } from "../../domain/shared/Actor"
import { Connections } from "../Sse"

/** An open connection that belongs to a user's session. */
interface OpenConnection {
  readonly actor: Actor
  readonly cut: () => void
}

/**
 * Closes connections whose session is revoked: by logout, ban or password change. `connections` returns
 * those that are open at that time.
 */
export const disconnectRevoked = (held: () => ReadonlyArray<OpenConnection>) =>
  Effect.gen(function* () {
    const sessions = yield* Sessions
    const closeRevoked = (mayBeOver: (actor: Actor) => boolean) =>
      Effect.forEach(
        held().filter(({ actor }) => mayBeOver(actor)),
        ({ actor, cut }) =>
          Effect.flatMap(sessions.isActive(actor), (open) => (open ? Effect.void : Effect.sync(cut))),
        { discard: true, concurrency: 8 },
      )
    yield* Effect.forkScoped(Stream.runForEach(sessions.revocations, closeRevoked))
  })

/** Closes event streams of revoked sessions. The generations that they follow continue. */
export const layer = Layer.scopedDiscard(
  Effect.flatMap(Connections, ({ open }) =>
    disconnectRevoked(() =>
      [...open].flatMap((reader) =>
        reader.actor === undefined ? [] : [{ actor: reader.actor, cut: reader.abort }],
      ),
    ),
  ),
)
