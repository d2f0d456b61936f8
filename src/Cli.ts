import { Command, Options, Prompt } from "@effect/cli"
import { HttpServer } from "@effect/platform"
import { Console, Effect, Layer, Redacted, Schema } from "effect"
import { Domains } from "./Domains"
import { Users } from "./domain/identity/Users"
import { DisplayName, Email, StrongPassword } from "./domain/identity/Users/Model"
import * as Migrations from "./infra/Sql/Migrations"
import * as Sql from "./infra/Sql/Sql"
import * as Telemetry from "./infra/Telemetry"
import { server } from "./Server"
import { version } from "./wire/frame/Version"

/** Serves until the process is told to stop, and says where. */
const run = Layer.launch(
  HttpServer.withLogAddress(server).pipe(Layer.provide(Domains), Layer.provide(Telemetry.layer(version))),
)

const serve = Command.make("serve", {}, () => run).pipe(
  Command.withDescription("Serve the API. What the settings leave out has a working default."),
)

const migrate = Command.make("migrate", {}, () =>
  Effect.gen(function* () {
    const ran = yield* Migrations.migrate
    yield* Console.log(ran.length === 0 ? "The database is up to date." : `Ran ${ran.join(", ")}.`)
  }).pipe(Effect.provide(Sql.layer)),
).pipe(Command.withDescription("Bring the database up to date, and exit."))

const createAdmin = Command.make(
  "create",
  {
    email: Options.text("email").pipe(
      Options.withSchema(Email),
      Options.withDescription("The address to sign in with"),
    ),
    name: Options.text("name").pipe(
      Options.withSchema(DisplayName),
      Options.withDefault("Administrator"),
      Options.withDescription("What to call them"),
    ),
    password: Options.redacted("password").pipe(
      Options.withFallbackPrompt(Prompt.password({ message: "Password" })),
      Options.withDescription(
        "At least 8 characters, with upper and lower case and a digit; asked for when left out",
      ),
    ),
  },
  ({ email, name, password }) =>
    Effect.gen(function* () {
      const users = yield* Users
      const strong = yield* Schema.decode(StrongPassword)(Redacted.value(password))
      const admin = yield* users.createAdmin({ email, name, password: strong })
      yield* Console.log(`${admin.email} is now an administrator.`)
    }).pipe(Effect.provide(Domains)),
).pipe(Command.withDescription("Make an account that administers this server."))

const admin = Command.make("admin").pipe(
  Command.withDescription("Manage the administrators of this server."),
  Command.withSubcommands([createAdmin]),
)

const parley = Command.make("parley", {}, () => run).pipe(
  Command.withDescription("A chat backend that runs as one file. Without a command, it serves."),
  Command.withSubcommands([serve, migrate, admin]),
)

/** The command line: gives the effect of the arguments, program name and all. */
export const cli = Command.run(parley, { name: "Parley", version })
