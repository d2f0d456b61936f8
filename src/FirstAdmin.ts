import { Config, ConfigError, Effect, Option, ParseResult, Redacted, Schema } from "effect"
import { Users } from "./domain/identity/Users"
import { Email, StrongPassword } from "./domain/identity/Users/Model"

const wrong = (name: string, what = "is wrong") =>
  Effect.fail(ConfigError.InvalidData([name], `${name} ${what}`))

/** What a setting decodes to; what is wrong with it is told, and not what it was. */
const decoded = <A>(name: string, schema: Schema.Schema<A, string>, given: string) =>
  Effect.catchAll(Schema.decode(schema)(given), (error) =>
    wrong(name, ParseResult.ArrayFormatter.formatErrorSync(error)[0]?.message),
  )

const settings = Config.all({
  email: Config.option(Config.string("ADMIN_EMAIL")),
  password: Config.option(Config.redacted("ADMIN_PASSWORD")),
})

/** `ADMIN_EMAIL` and `ADMIN_PASSWORD` make an administrator, unless the address has an account. */
export const firstAdmin = Effect.gen(function* () {
  const { email, password } = yield* settings
  if (Option.isNone(email) && Option.isNone(password)) return
  if (Option.isNone(email)) return yield* wrong("ADMIN_EMAIL", "must be set when ADMIN_PASSWORD is")
  if (Option.isNone(password)) return yield* wrong("ADMIN_PASSWORD", "must be set when ADMIN_EMAIL is")
  const users = yield* Users
  const person = {
    email: yield* decoded("ADMIN_EMAIL", Email, email.value),
    password: yield* decoded("ADMIN_PASSWORD", StrongPassword, Redacted.value(password.value)),
    name: "Administrator",
  }
  yield* Effect.catchTag(users.createAdmin(person), "EmailTaken", () => Effect.void)
})
