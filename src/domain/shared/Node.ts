import { Context, Duration, Effect } from "effect"

/**
 * Identifies this process among those that share the database. Work in progress is recorded under
 * its node's id; once that node stopped or crashed, `isAlive` is false and others may clean up.
 */
export class Node extends Context.Tag("Node")<
  Node,
  {
    /** A random integer below 2^48, new at every process start. */
    readonly id: number
    readonly isAlive: (id: number) => Effect.Effect<boolean>
  }
>() {}

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
