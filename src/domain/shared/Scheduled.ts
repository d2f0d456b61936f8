import { type Context, Duration, Effect, Schedule } from "effect"
import type { Node } from "./Node"

/** Long enough for a node that only lost its database connection to reconnect. */
const confirmationDelay = Duration.seconds(5)

/** Returns those nodes that are not alive. */
export const findDeadNodes = (node: Context.Tag.Service<Node>, ids: ReadonlyArray<number>) =>
  Effect.filter(ids, (id) =>
    id === node.id ? Effect.succeed(false) : Effect.map(node.isAlive(id), (alive) => !alive),
  )

/** Returns those nodes that are dead now and still dead after a delay, so that others may clean up after them. */
export const confirmDeadNodes = Effect.fnUntraced(function* (
  node: Context.Tag.Service<Node>,
  ids: ReadonlyArray<number>,
) {
  const missing = yield* findDeadNodes(node, ids)
  if (missing.length === 0) return missing
  yield* Effect.sleep(confirmationDelay)
  return yield* findDeadNodes(node, missing)
})

/** Runs work repeatedly until the scope closes. Failures are logged and do not stop the schedule. */
export const repeatEvery = (interval: Duration.Duration, work: Effect.Effect<void>) =>
  work.pipe(
    Effect.catchAllCause((cause) => Effect.logWarning("scheduled work failed; retrying later", cause)),
    Effect.schedule(Schedule.spaced(interval)),
    Effect.forkScoped,
  )
