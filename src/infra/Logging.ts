import { Config, Effect, Layer, Logger, LogLevel } from "effect"

/** How log lines look: for people on a terminal, for machines elsewhere, or as `LOG_FORMAT` says. */
const format = Config.literal(
  "pretty",
  "json",
)("LOG_FORMAT").pipe(Config.withDefault(process.stdout.isTTY ? "pretty" : "json"))

const level = Config.logLevel("LOG_LEVEL").pipe(Config.withDefault(LogLevel.Info))

/** Structured logs on standard output, by `LOG_LEVEL` and `LOG_FORMAT`. */
export const layer = Layer.unwrapEffect(
  Effect.gen(function* () {
    const logger = (yield* format) === "pretty" ? Logger.pretty : Logger.json
    return Layer.merge(logger, Logger.minimumLogLevel(yield* level))
  }),
)
