import { Effect, Layer, Stream } from "effect"
import { Sessions } from "../../domain/identity/Sessions"
import type { Actor } from "../../domain/shared/Actor"
import { Readers } from "../Sse"

/** A connection that is held open for somebody. */
interface Held {
  readonly actor: Actor
  readonly cut: () => void
}

/**
 * Cuts off whoever holds a connection open past the end of their session: by logout, ban or a new
 * password. `held` are the connections that are open then.
 */
export const cutOff = (held: () => ReadonlyArray<Held>) =>
  Effect.gen(function* () {
    const sessions = yield* Sessions
    const cutThose = (mayBeOver: (actor: Actor) => boolean) =>
      Effect.forEach(
        held().filter(({ actor }) => mayBeOver(actor)),
        ({ actor, cut }) =>
          Effect.flatMap(sessions.isOpen(actor), (open) => (open ? Effect.void : Effect.sync(cut))),
        { discard: true, concurrency: 8 },
      )
    yield* Effect.forkScoped(Stream.runForEach(sessions.endings, cutThose))
  })

/** Does so with those who read a stream of events. What is written for them goes on. */
export const layer = Layer.scopedDiscard(
  Effect.flatMap(Readers, ({ open }) =>
    cutOff(() =>
      [...open].flatMap((reader) =>
        reader.actor === undefined ? [] : [{ actor: reader.actor, cut: reader.cut }],
      ),
    ),
  ),
)
