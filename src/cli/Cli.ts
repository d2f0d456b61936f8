import { Command } from "@effect/cli"
import { HttpServer } from "@effect/platform"
import { Console, Effect, Layer } from "effect"
import { AppLayer } from "../AppLayer"
import { config } from "../Config"
import { version } from "../http/Version"
import * as Database from "../infra/Database"
import * as Migrations from "../infra/postgres/Migrations"
import * as Telemetry from "../infra/telemetry/Telemetry"
import { server } from "../Server"
import { admin } from "./admin"
import { auditVerify } from "./auditVerify"
import { configHelp } from "./configHelp"

/** Serves until the process is interrupted, and logs the address. */
const run = Layer.launch(
  HttpServer.withLogAddress(server).pipe(Layer.provide(AppLayer), Layer.provide(Telemetry.layer(version))),
).pipe(
  Effect.onInterrupt(() => Effect.logInfo("shutdown complete")),
  (serve) => Effect.zipRight(config, serve),
)

const serve = Command.make("serve", {}, () => run).pipe(
  Command.withDescription(
    "Serve the API, configured by environment variables that all have defaults: `parley config` lists them.",
  ),
)

const migrate = Command.make("migrate", {}, () =>
  Effect.gen(function* () {
    yield* config
    const applied = yield* Effect.provide(Migrations.migrate, Database.layer)
    if (applied.length === 0) yield* Console.log("The database is up to date.")
  }),
).pipe(Command.withDescription("Bring the database up to date, and exit."))

const listConfig = Command.make("config", {}, () => Console.log(configHelp)).pipe(
  Command.withDescription("List the environment variables that configure the server."),
)

const audit = Command.make("audit").pipe(
  Command.withDescription("Check what administrators did."),
  Command.withSubcommands([auditVerify]),
)

const parley = Command.make("parley", {}, () => run).pipe(
  Command.withDescription("A chat backend in one executable. Without a command, it serves."),
  Command.withSubcommands([serve, migrate, admin, audit, listConfig]),
)

/** Runs the command line with the process's arguments, including runtime and script. */
export const cli = Command.run(parley, { name: "Parley", version })
