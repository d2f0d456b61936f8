import { SqlClient } from "@effect/sql"
import { Effect, Layer } from "effect"
import { Node } from "../../domain/shared/Node"
import { Notifications } from "./Notifications"

/**
 * Nodes know of each other by the name under which each listens: the database drops a connection
 * the moment its process is gone, and with it the name.
 */
export const layer = Layer.effect(
  Node,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { nodeId } = yield* Notifications
    return {
      id: nodeId,
      isAlive: (id) =>
        sql`select 1 from pg_stat_activity where application_name = ${listenerName(id)} limit 1`.pipe(
          Effect.map((rows) => rows.length > 0),
          Effect.orDie,
        ),
    }
  }),
)

/** What the listening connection of a node is called. */
export const listenerName = (id: number) => `parley node ${id}`

/** A new node's id, below 2^48. */
export const newNodeId = Effect.sync(() =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(6))).readUIntBE(0, 6),
)
