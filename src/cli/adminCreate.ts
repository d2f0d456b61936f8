import { Command, HelpDoc, Options, Prompt, ValidationError } from "@effect/cli"
import { Console, Effect, Option, Redacted, type Schema } from "effect"
import { AppLayer } from "../AppLayer"
import { judge } from "../bootstrapAdmin"
import { config } from "../Config"
import { Users } from "../domain/identity/Users"
import { DisplayName, Email, StrongPassword } from "../domain/identity/Users/Model"

const wrong = (what: string) => ValidationError.invalidValue(HelpDoc.p(what))

const judged = <A>(name: string, schema: Schema.Schema<A, string>, given: string) =>
  Effect.mapError(judge(schema, given), (what) => wrong(`--${name} ${what}.`))

const text = <A>(name: string, schema: Schema.Schema<A, string>) =>
  Options.mapEffect(Options.text(name), (given) => judged(name, schema, given))

/** From whoever sits at the terminal; where there is none, the first line of what is piped in. */
const askForPassword = Effect.suspend(() =>
  process.stdin.isTTY
    ? Effect.orElseSucceed(Prompt.run(Prompt.password({ message: "Password" })), () => Redacted.make(""))
    : Effect.promise(async () => {
        for await (const line of console) return Redacted.make(line.replace(/\r$/, ""))
        return Redacted.make("")
      }),
)

const passwordFrom = Effect.fnUntraced(function* (given: Option.Option<Redacted.Redacted>) {
  const password = Redacted.value(
    yield* Option.match(given, { onNone: () => askForPassword, onSome: Effect.succeed }),
  )
  if (password === "")
    return yield* Effect.fail(wrong("A password is needed: with --password, or on standard input."))
  return yield* judged("password", StrongPassword, password)
})

/** `parley admin create`. */
export const createAdmin = Command.make(
  "create",
  {
    email: text("email", Email).pipe(Options.withDescription("The address to sign in with")),
    name: text("name", DisplayName).pipe(
      Options.withDefault("Administrator"),
      Options.withDescription("What to call them"),
    ),
    password: Options.redacted("password").pipe(
      Options.optional,
      Options.withDescription(
        "At least 8 characters, with upper and lower case and a digit; asked for when left out",
      ),
    ),
  },
  ({ email, name, password: given }) =>
    Effect.gen(function* () {
      yield* config
      const password = yield* passwordFrom(given)
      const admin = yield* Effect.flatMap(Users, (users) =>
        users.createAdmin({ email, name, password }),
      ).pipe(Effect.provide(AppLayer))
      yield* Console.log(`${admin.email} is now an administrator.`)
    }),
).pipe(Command.withDescription("Make an account that administers this server."))
