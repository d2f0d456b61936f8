import { Config, ConfigError, Effect, Either, Option, ParseResult, Redacted, Schema } from "effect"
import { Users } from "./domain/identity/Users"
import { Email, StrongPassword } from "./domain/identity/Users/Model"

/** What a person gave, as a schema has it, or what it must be: what it was is never repeated. */
export const judge = <A>(schema: Schema.Schema<A, string>, given: string): Either.Either<A, string> =>
  Either.mapLeft(
    Schema.decodeEither(schema)(given),
    (error) => ParseResult.ArrayFormatter.formatErrorSync(error)[0]?.message ?? "is wrong",
  )

const wrong = (name: string, what: string) => ConfigError.InvalidData([], `${name} ${what}`)

const judged = <A>(name: string, schema: Schema.Schema<A, string>) =>
  Config.redacted(name).pipe(
    Config.mapOrFail((given) =>
      Either.mapLeft(judge(schema, Redacted.value(given)), (what) => wrong(name, what)),
    ),
    Config.option,
  )

/** Both, or none. */
export const bootstrapAdminConfig = Config.all([
  judged("ADMIN_EMAIL", Email),
  judged("ADMIN_PASSWORD", StrongPassword),
]).pipe(
  Config.mapOrFail(([email, password]) => {
    if (Option.isSome(email) && Option.isNone(password))
      return Either.left(wrong("ADMIN_PASSWORD", "must be set when ADMIN_EMAIL is"))
    if (Option.isNone(email) && Option.isSome(password))
      return Either.left(wrong("ADMIN_EMAIL", "must be set when ADMIN_PASSWORD is"))
    return Either.right(Option.all({ email, password }))
  }),
)

/** `ADMIN_EMAIL` and `ADMIN_PASSWORD` make an administrator, unless the address has an account. */
export const bootstrapAdmin = Effect.gen(function* () {
  const person = yield* bootstrapAdminConfig
  if (Option.isNone(person)) return
  const users = yield* Users
  yield* users
    .createAdmin({ ...person.value, name: "Administrator" })
    .pipe(Effect.catchTag("EmailTaken", () => Effect.void))
})
