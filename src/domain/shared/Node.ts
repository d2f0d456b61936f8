import { Context, type Effect } from "effect"

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
