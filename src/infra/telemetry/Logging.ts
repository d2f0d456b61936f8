import { Config, Effect, Layer, Logger, LogLevel } from "effect"
import { enumConfig } from "../../domain/shared/ConfigHelpers"

/** The format of log lines: `pretty` on a terminal and `json` elsewhere, unless `LOG_FORMAT` is set. */
const format = enumConfig(
  "LOG_FORMAT",
  new Map([
    ["pretty", "pretty"],
    ["json", "json"],
  ]),
).pipe(Config.withDefault(process.stdout.isTTY ? "pretty" : "json"))

const levels = new Map([
  ["all", LogLevel.All],
  ["trace", LogLevel.Trace],
  ["debug", LogLevel.Debug],
  ["info", LogLevel.Info],
  ["warn", LogLevel.Warning],
  ["warning", LogLevel.Warning],
  ["error", LogLevel.Error],
  ["fatal", LogLevel.Fatal],
  ["none", LogLevel.None],
])

const level = enumConfig("LOG_LEVEL", levels).pipe(Config.withDefault(LogLevel.Info))

export const loggingConfig = Config.all({ format, level })

/** Writes structured logs to standard output, as `LOG_LEVEL` and `LOG_FORMAT` configure. */
export const layer = Layer.unwrapEffect(
  Effect.map(loggingConfig, ({ format, level }) =>
    Layer.merge(format === "pretty" ? Logger.pretty : Logger.json, Logger.minimumLogLevel(level)),
  ),
)
