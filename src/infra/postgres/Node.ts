import { SqlClient } from "@effect/sql"
import { Effect, Layer } from "effect"
import { Node } from "../../domain/shared/Node"
import { Notifications } from "./Notifications"

/**
 * Implements Node by the application name of each node's listening connection: the database drops
 * a connection, and with it the name, as soon as its process is gone.
 */
export const layer = Layer.effect(
  Node,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { nodeId } = yield* Notifications
    return {
      id: nodeId,
      isAlive: (id) =>
        sql`select 1 from pg_stat_activity where application_name = ${listenerApplicationName(id)} limit 1`.pipe(
          Effect.map((rows) => rows.length > 0),
          Effect.orDie,
        ),
    }
  }),
)

/** Returns the application name of a node's listening connection. */
export const listenerApplicationName = (id: number) => `parley node ${id}`

/** Generates a random id for this node, below 2^48. */
export const generateNodeId = Effect.sync(() =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(6))).readUIntBE(0, 6),
)
