import { SqlClient, type SqlError } from "@effect/sql"
import { PgClient } from "@effect/sql-pg"
import { Context, type Effect, type Scope } from "effect"

/** An event of a listener: a notification, or a gap in which some may have been lost after a disconnect. */
export type PgNotification =
  | { readonly _tag: "Received"; readonly channel: string; readonly payload: string }
  | { readonly _tag: "Gap" }

/** Listens on channels of the database until the scope closes. Listening has started when the effect returns. */
export type Subscribe = (
  channels: ReadonlyArray<string>,
  onNotification: (notification: PgNotification) => void,
) => Effect.Effect<void, SqlError.SqlError, Scope.Scope>

/** LISTEN on the database in use; survives lost connections. */
export class Notifications extends Context.Tag("Notifications")<
  Notifications,
  {
    readonly subscribe: Subscribe
    /** The id in the application name of this process's listening connection. */
    readonly nodeId: number
  }
>() {}

/** Makes the context that every database provides: its client under both tags, and its notifications. */
export const makeDatabaseContext = (client: PgClient.PgClient, subscribe: Subscribe, nodeId: number) =>
  Context.make(PgClient.PgClient, client).pipe(
    Context.add(SqlClient.SqlClient, client),
    Context.add(Notifications, { subscribe, nodeId }),
  )
