import { HelpDoc, ValidationError } from "@effect/cli"
import { Cause, ConfigError, Console, Effect } from "effect"

/** Formats invalid or missing variables, each as one sentence that names it. */
const formatConfigError = (error: ConfigError.ConfigError): ReadonlyArray<string> => {
  switch (error._op) {
    case "And":
      return [...formatConfigError(error.left), ...formatConfigError(error.right)]
    case "Or":
      return formatConfigError(error.left)
    default: {
      const name = error.path.join("_")
      const message = error.message.startsWith(name) ? error.message : `${name}: ${error.message}`
      return [message.replace(/\.?$/, ".")]
    }
  }
}

/** Replaces the library's message for a mismatch: it lists commands of the wrong level, and calls an unknown option a command. */
const formatCliError = (error: ValidationError.ValidationError): string =>
  ValidationError.isCommandMismatch(error)
    ? "unknown command or option; `parley --help` lists all of them."
    : Bun.stripANSI(HelpDoc.toAnsiText(error.error)).trim()

const formatError = (error: unknown): string => {
  if (ValidationError.isValidationError(error)) return formatCliError(error)
  if (ConfigError.isConfigError(error)) return [...new Set(formatConfigError(error))].join(" ")
  return error instanceof Error ? error.message : String(error)
}

/**
 * Prints a program's failure to standard error as one sentence: errors that the user can fix need no
 * stack trace. Defects are printed with theirs.
 */
export const reportFatalError = <A, E, R>(program: Effect.Effect<A, E, R>) =>
  Effect.tapErrorCause(program, (cause) => {
    if (Cause.isInterruptedOnly(cause)) return Effect.void
    const failure = Cause.failureOption(cause)
    return failure._tag === "None"
      ? Console.error(Cause.pretty(cause))
      : Console.error(`parley: ${formatError(failure.value)}`)
  })

/**
 * Runs a program with a console that strips ANSI codes unless standard output is a terminal, and
 * drops errors. The command line library colors its help even in a pipe, and prints errors itself,
 * which `reportFatalError` does instead.
 */
export const withPlainConsole = <A, E, R>(program: Effect.Effect<A, E, R>) =>
  Console.consoleWith((original) => {
    const isPlain = !process.stdout.isTTY || (process.env.NO_COLOR ?? "") !== ""
    const toPlain = (value: unknown) => (isPlain && typeof value === "string" ? Bun.stripANSI(value) : value)
    return Console.withConsole(program, {
      ...original,
      error: () => Effect.void,
      log: (...values) => original.log(...values.map(toPlain)),
    })
  })
