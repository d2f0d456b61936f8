import { DateTime, Effect } from "effect"
import type { Actor, UserId } from "../shared/Actor"
import { requireAdmin } from "../shared/Policy"

/** An answer that a provider is streaming to this process now, whatever transport it is read by. */
interface ModelStream {
  /** The id of the generation, or of the ledger entry of a call outside of conversations. */
  readonly id: string
  readonly userId: UserId
  /** The provider's id, such as `openai`. */
  readonly provider: string
  readonly startedAt: Date
}

/** Keeps a list of the model streams that are open in this process. */
export class ModelStreams extends Effect.Service<ModelStreams>()("ModelStreams", {
  sync: () => {
    const open = new Map<string, ModelStream>()

    /** Runs a streaming model call, listed for as long as it runs. Nothing is done per delta. */
    const track = <A, E, R>(stream: Omit<ModelStream, "startedAt">, call: Effect.Effect<A, E, R>) =>
      Effect.acquireUseRelease(
        Effect.map(DateTime.nowAsDate, (startedAt) => open.set(stream.id, { ...stream, startedAt })),
        () => call,
        () => Effect.sync(() => open.delete(stream.id)),
      )

    /** Lists the open streams, oldest first. Requires an administrator. */
    const list = Effect.fn("ModelStreams.list")(function* (actor: Actor) {
      yield* requireAdmin(actor)
      return [...open.values()]
    })

    return { track, list }
  },
}) {}
