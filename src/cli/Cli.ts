import { Command } from "@effect/cli"
import { HttpServer } from "@effect/platform"
import { Console, Effect, Layer } from "effect"
import { AppLayer } from "../AppLayer"
import { config } from "../Config"
import { version } from "../http/Version"
import * as Sql from "../infra/postgres/Database"
import * as Migrations from "../infra/postgres/Migrations"
import * as Telemetry from "../infra/telemetry/Telemetry"
import { server } from "../Server"
import { createAdmin } from "./adminCreate"
import { listOfSettings } from "./config"

/** Serves until the process is told to stop, and says where. */
const run = Layer.launch(
  HttpServer.withLogAddress(server).pipe(Layer.provide(AppLayer), Layer.provide(Telemetry.layer(version))),
).pipe(
  Effect.onInterrupt(() => Effect.logInfo("Ended")),
  (serving) => Effect.zipRight(config, serving),
)

const serve = Command.make("serve", {}, () => run).pipe(
  Command.withDescription(
    "Serve the API, by settings in the environment: `parley settings` lists them. Each has a default.",
  ),
)

const migrate = Command.make("migrate", {}, () =>
  Effect.gen(function* () {
    yield* config
    const ran = yield* Effect.provide(Migrations.migrate, Sql.layer)
    if (ran.length === 0) yield* Console.log("The database is up to date.")
  }),
).pipe(Command.withDescription("Bring the database up to date, and exit."))

const list = Command.make("settings", {}, () => Console.log(listOfSettings)).pipe(
  Command.withDescription("List the environment variables that say how to serve."),
)

const admin = Command.make("admin").pipe(
  Command.withDescription("Manage the administrators of this server."),
  Command.withSubcommands([createAdmin]),
)

const parley = Command.make("parley", {}, () => run).pipe(
  Command.withDescription("A chat backend that runs as one file. Without a command, it serves."),
  Command.withSubcommands([serve, migrate, admin, list]),
)

/** The command line: gives the effect of the arguments, program name and all. */
export const cli = Command.run(parley, { name: "Parley", version })
