import { Context, type Effect } from "effect"

/**
 * This process among those that share the database. What a node has begun stands under its id;
 * when the node is gone, however it went, `isAlive` is false and others may clean up after it.
 */
export class Node extends Context.Tag("Node")<
  Node,
  {
    /** A random whole number below 2^48, new at every start. */
    readonly id: number
    readonly isAlive: (id: number) => Effect.Effect<boolean>
  }
>() {}
