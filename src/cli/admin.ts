import { Command, HelpDoc, Options, Prompt, ValidationError } from "@effect/cli"
import { Console, Effect, Redacted, type Schema } from "effect"
import { AppLayer } from "../AppLayer"
import { validate } from "../bootstrapAdmin"
import { config } from "../Config"
import { Administrators } from "../domain/identity/Administrators"
import { DisplayName, Email, EmailInput, StrongPassword } from "../domain/identity/Users/Model"

const invalid = (message: string) => ValidationError.invalidValue(HelpDoc.p(message))

const optionOf = <A>(name: string, schema: Schema.Schema<A, string>) =>
  Options.mapEffect(Options.text(name), (input) =>
    Effect.mapError(validate(schema, input), (reason) => invalid(`--${name} ${reason}.`)),
  )

const account = optionOf("email", EmailInput).pipe(Options.withDescription("The account's email address"))

/** Prompts for a password on a terminal; without one, reads the first line of standard input. */
const readPassword = Effect.gen(function* () {
  const password = process.stdin.isTTY
    ? Redacted.value(
        yield* Effect.orElseSucceed(Prompt.run(Prompt.password({ message: "Password" })), () =>
          Redacted.make(""),
        ),
      )
    : yield* Effect.promise(async () => {
        for await (const line of console) return line.replace(/\r$/, "")
        return ""
      })
  if (password === "") return yield* Effect.fail(invalid("A password is required on standard input."))
  return yield* Effect.mapError(validate(StrongPassword, password), (reason) =>
    invalid(`The password ${reason}.`),
  )
})

/** Runs a change on the configured database, and prints what it did. */
const run = <E>(change: (administrators: Administrators) => Effect.Effect<string, E>) =>
  Effect.flatMap(Administrators, change).pipe(Effect.provide(AppLayer), Effect.flatMap(Console.log))

const create = Command.make(
  "create",
  {
    email: optionOf("email", Email).pipe(Options.withDescription("The email address to sign in with")),
    name: optionOf("name", DisplayName).pipe(
      Options.withDefault("Administrator"),
      Options.withDescription("The display name"),
    ),
  },
  ({ email, name }) =>
    Effect.gen(function* () {
      yield* config
      const password = yield* readPassword
      yield* run((administrators) =>
        administrators.create({ email, name, password }, "command").pipe(
          Effect.as(`${email} is now an administrator.`),
          Effect.catchTag("EmailTaken", () =>
            Effect.fail(
              invalid(`${email} has an account: \`parley admin promote\` makes its owner an administrator.`),
            ),
          ),
        ),
      )
    }),
).pipe(
  Command.withDescription(
    "Create an administrator. The password is prompted for, or read from the first line of standard input.",
  ),
)

const promote = Command.make("promote", { email: account }, ({ email }) =>
  Effect.zipRight(
    config,
    run((administrators) => Effect.as(administrators.promote(email), `${email} is now an administrator.`)),
  ),
).pipe(Command.withDescription("Make the owner of an account an administrator."))

const demote = Command.make("demote", { email: account }, ({ email }) =>
  Effect.zipRight(
    config,
    run((administrators) => Effect.as(administrators.demote(email), `${email} is now an ordinary user.`)),
  ),
).pipe(Command.withDescription("Make an administrator an ordinary user."))

const password = Command.make("password", { email: account }, ({ email }) =>
  Effect.gen(function* () {
    yield* config
    const next = yield* readPassword
    yield* run((administrators) =>
      Effect.as(
        administrators.setPassword(email, next),
        `The password of ${email} is changed, and its sessions are signed out.`,
      ),
    )
  }),
).pipe(
  Command.withDescription(
    "Replace the password of any account. It is prompted for, or read from the first line of standard input.",
  ),
)

const resetTwoFactor = Command.make("reset-2fa", { email: account }, ({ email }) =>
  Effect.zipRight(
    config,
    run((administrators) =>
      Effect.as(
        administrators.resetTwoFactor(email),
        `${email} has no second factor any more, and its sessions are signed out.`,
      ),
    ),
  ),
).pipe(Command.withDescription("Delete the second factors of an account whose owner has lost them."))

const list = Command.make("list", {}, () =>
  Effect.zipRight(
    config,
    run((administrators) =>
      Effect.map(administrators.list, (all) =>
        all.length === 0
          ? "There is no administrator."
          : all.map(({ email, name }) => `${email}\t${name}`).join("\n"),
      ),
    ),
  ),
).pipe(Command.withDescription("List the administrators: email address and name."))

/** The commands `parley admin …`, for the server's operator. */
export const admin = Command.make("admin").pipe(
  Command.withDescription(
    "Manage administrators, passwords and second factors, with the server's configuration.",
  ),
  Command.withSubcommands([create, promote, demote, password, resetTwoFactor, list]),
)
