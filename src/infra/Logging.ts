import { Config, ConfigError, Effect, Either, Layer, Logger, LogLevel } from "effect"

/** How log lines look: for people on a terminal, for machines elsewhere, or as `LOG_FORMAT` says. */
const format = Config.literal(
  "pretty",
  "json",
)("LOG_FORMAT").pipe(Config.withDefault(process.stdout.isTTY ? "pretty" : "json"))

const levels: Record<string, LogLevel.LogLevel> = {
  all: LogLevel.All,
  trace: LogLevel.Trace,
  debug: LogLevel.Debug,
  info: LogLevel.Info,
  warn: LogLevel.Warning,
  warning: LogLevel.Warning,
  error: LogLevel.Error,
  fatal: LogLevel.Fatal,
  none: LogLevel.None,
}

const level = Config.string("LOG_LEVEL").pipe(
  Config.mapOrFail((name) => {
    const found = levels[name.toLowerCase()]
    return found === undefined
      ? Either.left(ConfigError.InvalidData([], `must be one of ${Object.keys(levels).join(", ")}`))
      : Either.right(found)
  }),
  Config.withDefault(LogLevel.Info),
)

export const settings = Config.all({ format, level })

/** Structured logs on standard output, by `LOG_LEVEL` and `LOG_FORMAT`. */
export const layer = Layer.unwrapEffect(
  Effect.map(settings, ({ format, level }) =>
    Layer.merge(format === "pretty" ? Logger.pretty : Logger.json, Logger.minimumLogLevel(level)),
  ),
)
