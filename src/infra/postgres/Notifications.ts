import { SqlClient, type SqlError } from "@effect/sql"
import { PgClient } from "@effect/sql-pg"
import { Context, type Effect, type Scope } from "effect"

/** What a listener hears: a notification, or that the line was down and some may have been lost. */
export type Notice =
  | { readonly _tag: "Notified"; readonly channel: string; readonly payload: string }
  | { readonly _tag: "Missed" }

/** Listens to channels of the database until the scope closes; it does once the effect returns. */
export type Listen = (
  channels: ReadonlyArray<string>,
  on: (notice: Notice) => void,
) => Effect.Effect<void, SqlError.SqlError, Scope.Scope>

/** LISTEN of the database in use, kept up through lost connections. */
export class Notifications extends Context.Tag("Notifications")<
  Notifications,
  {
    readonly listen: Listen
    /** Under which the listening connection of this process goes. */
    readonly nodeId: number
  }
>() {}

/** What a database is to the rest: its client, under both names, and its notifications. */
export const databaseServices = (client: PgClient.PgClient, listen: Listen, nodeId: number) =>
  Context.make(PgClient.PgClient, client).pipe(
    Context.add(SqlClient.SqlClient, client),
    Context.add(Notifications, { listen, nodeId }),
  )
