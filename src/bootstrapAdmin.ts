import { Config, ConfigError, Effect, Either, Option, ParseResult, Redacted, Schema } from "effect"
import { Administrators } from "./domain/identity/Administrators"
import { Email, StrongPassword } from "./domain/identity/Users/Model"

/** Decodes an input, or returns what it must be. The message never repeats the input, which may be a password. */
export const validate = <A>(schema: Schema.Schema<A, string>, input: string): Either.Either<A, string> =>
  Either.mapLeft(
    Schema.decodeEither(schema)(input),
    (error) => ParseResult.ArrayFormatter.formatErrorSync(error)[0]?.message ?? "is invalid",
  )

const invalid = (name: string, reason: string) => ConfigError.InvalidData([], `${name} ${reason}`)

const validated = <A>(name: string, schema: Schema.Schema<A, string>) =>
  Config.redacted(name).pipe(
    Config.mapOrFail((input) =>
      Either.mapLeft(validate(schema, Redacted.value(input)), (what) => invalid(name, what)),
    ),
    Config.option,
  )

/** The email address and password of the first administrator; both variables must be set, or neither. */
export const bootstrapAdminConfig = Config.all([
  validated("ADMIN_EMAIL", Email),
  validated("ADMIN_PASSWORD", StrongPassword),
]).pipe(
  Config.mapOrFail(([email, password]) => {
    if (Option.isSome(email) && Option.isNone(password))
      return Either.left(invalid("ADMIN_PASSWORD", "must be set when ADMIN_EMAIL is"))
    if (Option.isNone(email) && Option.isSome(password))
      return Either.left(invalid("ADMIN_EMAIL", "must be set when ADMIN_PASSWORD is"))
    return Either.right(Option.all({ email, password }))
  }),
)

/**
 * Creates an administrator from `ADMIN_EMAIL` and `ADMIN_PASSWORD`. Idempotent. An account that anybody could have
 * registered does not become an administrator's: that is logged at each start until somebody decides.
 */
export const bootstrapAdmin = Effect.gen(function* () {
  const admin = yield* bootstrapAdminConfig
  if (Option.isNone(admin)) return
  const administrators = yield* Administrators
  const { email, password } = admin.value
  yield* administrators
    .create({ email, password, name: "Administrator" }, "ADMIN_EMAIL")
    .pipe(
      Effect.catchTag("EmailTaken", () =>
        Effect.flatMap(administrators.list, (all) =>
          all.some((administrator) => administrator.email === email)
            ? Effect.void
            : Effect.annotateLogs(
                Effect.logWarning(
                  "ADMIN_EMAIL has an ordinary account, which stays one: `parley admin promote` makes its owner an administrator",
                ),
                { email },
              ),
        ),
      ),
    )
})
