import { Command, HelpDoc, Options, Prompt, ValidationError } from "@effect/cli"
import { Console, Effect, Option, Redacted, type Schema } from "effect"
import { AppLayer } from "../AppLayer"
import { validate } from "../bootstrapAdmin"
import { config } from "../Config"
import { Users } from "../domain/identity/Users"
import { DisplayName, Email, StrongPassword } from "../domain/identity/Users/Model"

const invalid = (message: string) => ValidationError.invalidValue(HelpDoc.p(message))

const validated = <A>(name: string, schema: Schema.Schema<A, string>, input: string) =>
  Effect.mapError(validate(schema, input), (reason) => invalid(`--${name} ${reason}.`))

const validatedOption = <A>(name: string, schema: Schema.Schema<A, string>) =>
  Options.mapEffect(Options.text(name), (input) => validated(name, schema, input))

/** Prompts for the password on a terminal; without one, reads the first line of standard input. */
const promptForPassword = Effect.suspend(() =>
  process.stdin.isTTY
    ? Effect.orElseSucceed(Prompt.run(Prompt.password({ message: "Password" })), () => Redacted.make(""))
    : Effect.promise(async () => {
        for await (const line of console) return Redacted.make(line.replace(/\r$/, ""))
        return Redacted.make("")
      }),
)

const resolvePassword = Effect.fnUntraced(function* (option: Option.Option<Redacted.Redacted>) {
  const password = Redacted.value(
    yield* Option.match(option, { onNone: () => promptForPassword, onSome: Effect.succeed }),
  )
  if (password === "")
    return yield* Effect.fail(invalid("A password is required: with --password or on standard input."))
  return yield* validated("password", StrongPassword, password)
})

/** The command `parley admin create`. */
export const adminCreate = Command.make(
  "create",
  {
    email: validatedOption("email", Email).pipe(Options.withDescription("The email address to sign in with")),
    name: validatedOption("name", DisplayName).pipe(
      Options.withDefault("Administrator"),
      Options.withDescription("The display name"),
    ),
    password: Options.redacted("password").pipe(
      Options.optional,
      Options.withDescription(
        "At least 8 characters with upper case, lower case and a digit; prompted for if omitted",
      ),
    ),
  },
  ({ email, name, password: option }) =>
    Effect.gen(function* () {
      yield* config
      const password = yield* resolvePassword(option)
      const admin = yield* Effect.flatMap(Users, (users) =>
        users.createAdmin({ email, name, password }),
      ).pipe(Effect.provide(AppLayer))
      yield* Console.log(`${admin.email} is now an administrator.`)
    }),
).pipe(Command.withDescription("Create an administrator account."))
