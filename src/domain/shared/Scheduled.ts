import { type Context, Duration, Effect, Schedule } from "effect"
import type { Node } from "./Node"

/** Long enough for a node that only lost its line to the database to have it back. */
const confirmationDelay = Duration.seconds(5)

/** Those of some nodes that are gone, and may be cleaned up after. */
export const findDeadNodes = (node: Context.Tag.Service<Node>, ids: ReadonlyArray<number>) =>
  Effect.filter(ids, (id) =>
    id === node.id ? Effect.succeed(false) : Effect.map(node.isAlive(id), (alive) => !alive),
  )

/** The same, of those that are still gone after a while. */
export const confirmDeadNodes = Effect.fnUntraced(function* (
  node: Context.Tag.Service<Node>,
  ids: ReadonlyArray<number>,
) {
  const missing = yield* findDeadNodes(node, ids)
  if (missing.length === 0) return missing
  yield* Effect.sleep(confirmationDelay)
  return yield* findDeadNodes(node, missing)
})

/** Does something again and again until the scope closes, whatever becomes of it. */
export const repeatEvery = (interval: Duration.Duration, work: Effect.Effect<void>) =>
  work.pipe(
    Effect.catchAllCause((cause) => Effect.logWarning("Housekeeping failed; trying again later", cause)),
    Effect.schedule(Schedule.spaced(interval)),
    Effect.forkScoped,
  )
