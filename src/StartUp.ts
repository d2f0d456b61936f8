import { ValidationError } from "@effect/cli"
import { Cause, ConfigError, Console, Effect } from "effect"

/** A wrong or missing setting, as one sentence that names it. */
const describeSetting = (error: ConfigError.ConfigError): string => {
  switch (error._op) {
    case "And":
      return `${describeSetting(error.left)} ${describeSetting(error.right)}`
    case "Or":
      return describeSetting(error.left)
    default: {
      const name = error.path.join("_")
      return error.message.startsWith(name) ? error.message : `${name}: ${error.message}`
    }
  }
}

const sentence = (error: unknown): string => {
  if (ConfigError.isConfigError(error)) return describeSetting(error)
  return error instanceof Error ? error.message : String(error)
}

/**
 * Ends the process with what went wrong, in a sentence on standard error: what a person can mend
 * needs no stack trace. Bugs keep theirs. The command line has explained its own errors already.
 */
export const explainFailure = <A, E, R>(program: Effect.Effect<A, E, R>) =>
  Effect.tapErrorCause(program, (cause) => {
    if (Cause.isInterruptedOnly(cause)) return Effect.void
    const failure = Cause.failureOption(cause)
    if (failure._tag === "None") return Console.error(Cause.pretty(cause))
    return ValidationError.isValidationError(failure.value)
      ? Effect.void
      : Console.error(`parley: ${sentence(failure.value)}`)
  })
