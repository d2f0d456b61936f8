import { Config, ConfigProvider, Duration } from "effect"

interface Bounds {
  readonly least: number
  readonly most: number
  readonly fallback: number
}

/** The largest number that a column of type integer holds. */
export const largestInteger = 2_147_483_647

/** A setting that is a whole number within bounds, both included. */
export const wholeNumber = (name: string, { least, most, fallback }: Bounds) =>
  Config.integer(name).pipe(
    Config.validate({
      message: `must be a whole number from ${least} to ${most}`,
      validation: (value) => value >= least && value <= most,
    }),
    Config.withDefault(fallback),
  )

/** A setting that is `on` or `off`. */
export const onOff = (name: string, fallback: "on" | "off") =>
  Config.literal(
    "on",
    "off",
  )(name).pipe(
    Config.withDefault(fallback),
    Config.map((setting) => setting === "on"),
  )

/** How long answers may go on once the server is asked to end. */
export const drainTimeout = Config.duration("DRAIN_TIMEOUT").pipe(Config.withDefault(Duration.seconds(10)))

/** Settings by name. An empty one counts as none: compose files pass every setting on. */
export const settingsFrom = (all: Readonly<Record<string, string | undefined>>) =>
  ConfigProvider.fromMap(
    new Map(
      Object.entries(all).flatMap(([name, value]) =>
        value === undefined || value.trim() === "" ? [] : [[name, value]],
      ),
    ),
  )
