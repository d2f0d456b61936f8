import { HelpDoc, ValidationError } from "@effect/cli"
import { Cause, ConfigError, Console, Duration, Effect } from "effect"

/** Wrong or missing settings, each as one sentence that names it. */
const describeSettings = (error: ConfigError.ConfigError): ReadonlyArray<string> => {
  switch (error._op) {
    case "And":
      return [...describeSettings(error.left), ...describeSettings(error.right)]
    case "Or":
      return describeSettings(error.left)
    default: {
      const name = error.path.join("_")
      const said = error.message.startsWith(name) ? error.message : `${name}: ${error.message}`
      return [said.replace(/\.?$/, ".")]
    }
  }
}

/** The library names the commands of the wrong level, and calls an unknown option a command. */
const describeArguments = (error: ValidationError.ValidationError): string =>
  ValidationError.isCommandMismatch(error)
    ? "no command is written like this; `parley --help` lists them, and their options."
    : Bun.stripANSI(HelpDoc.toAnsiText(error.error)).trim()

const sentence = (error: unknown): string => {
  if (ValidationError.isValidationError(error)) return describeArguments(error)
  if (ConfigError.isConfigError(error)) return [...new Set(describeSettings(error))].join(" ")
  return error instanceof Error ? error.message : String(error)
}

/**
 * Ends the process with what went wrong, in a sentence on standard error: what a person can mend
 * needs no stack trace. Bugs keep theirs.
 */
export const explainFailure = <A, E, R>(program: Effect.Effect<A, E, R>) =>
  Effect.tapErrorCause(program, (cause) => {
    if (Cause.isInterruptedOnly(cause)) return Effect.void
    const failure = Cause.failureOption(cause)
    return failure._tag === "None"
      ? Console.error(Cause.pretty(cause))
      : Console.error(`parley: ${sentence(failure.value)}`)
  })

/**
 * Lets the command line's library say what it has to say as it should be said: it colours its
 * help, also in a pipe, and explains errors on its own, which `explainFailure` does.
 */
export const plainSpoken = <A, E, R>(program: Effect.Effect<A, E, R>) =>
  Console.consoleWith((usual) => {
    const isPlain = !process.stdout.isTTY || (process.env.NO_COLOR ?? "") !== ""
    const plain = (said: unknown) => (isPlain && typeof said === "string" ? Bun.stripANSI(said) : said)
    return Console.withConsole(program, {
      ...usual,
      error: () => Effect.void,
      log: (...said) => usual.log(...said.map(plain)),
    })
  })

/** Long enough for one who tells all processes of a group, and for those to tell one another. */
const atOnce = Duration.toMillis("500 millis")

const endings = ["SIGINT", "SIGTERM"] as const

/**
 * The first signal to end ends the process gently, and the next one at once, but not the same one
 * heard twice: `bun start` passes on what it is told itself.
 */
export const hearSignalsOnce = () => {
  const ignore = () => {}
  const first = () => {
    for (const signal of endings) process.off(signal, first).on(signal, ignore)
    setTimeout(() => {
      for (const signal of endings) process.off(signal, ignore)
    }, atOnce).unref()
  }
  for (const signal of endings) process.on(signal, first)
}
