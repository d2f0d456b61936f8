import { Config, ConfigError, ConfigProvider, Duration, Either, Option } from "effect"

interface IntegerBounds {
  readonly min: number
  readonly max: number
  readonly fallback: number
}

/** The largest number that a column of type integer holds. */
export const MAX_INT4 = 2_147_483_647

/** A setting whose text is read by `read`; what cannot be is told as what it must be, and never repeated. */
const parseConfig =
  <A>(expected: string, read: (text: string) => Option.Option<A>) =>
  (name: string): Config.Config<A> =>
    Config.mapOrFail(Config.string(name), (text) =>
      Either.fromOption(read(text.trim()), () => ConfigError.InvalidData([], `${name} must be ${expected}.`)),
    )

/** A setting that is a whole number within bounds, both included. */
export const integerConfig = (name: string, { min: least, max: most, fallback }: IntegerBounds) =>
  parseConfig(`a whole number from ${least} to ${most}`, (text) =>
    Option.filter(
      /^[+-]?\d+$/.test(text) ? Option.some(Number(text)) : Option.none(),
      (value) => value >= least && value <= most,
    ),
  )(name).pipe(Config.withDefault(fallback))

/** A setting that is one of some words, upper or lower case. */
export const enumConfig = <A>(name: string, words: ReadonlyMap<string, A>) =>
  parseConfig(`one of ${[...words.keys()].join(", ")}`, (text) =>
    Option.fromNullable(words.get(text.toLowerCase())),
  )(name)

const booleans = new Map([
  ["on", true],
  ["true", true],
  ["off", false],
  ["false", false],
])

const parseBoolean = parseConfig("on or off", (text) => Option.fromNullable(booleans.get(text.toLowerCase())))

/** A setting that is `on` or `off`; `true` and `false` say the same. */
export const booleanConfig = (name: string, fallback: "on" | "off") =>
  Config.withDefault(parseBoolean(name), fallback === "on")

interface DurationBounds {
  readonly least: Duration.DurationInput & string
  readonly most: Duration.DurationInput & string
  readonly fallback: Duration.DurationInput
}

/** A setting that is a length of time with its unit, within bounds, both included. */
export const durationConfig = (name: string, { least, most, fallback }: DurationBounds) =>
  parseConfig(`a length of time from ${least} to ${most}, such as 30 seconds`, (text) =>
    // Below zero there are none: it would be taken for zero.
    text.startsWith("-")
      ? Option.none()
      : Option.filter(Duration.decodeUnknown(text), Duration.between({ minimum: least, maximum: most })),
  )(name).pipe(Config.withDefault(Duration.decode(fallback)))

/** A setting that is an address on the web, which may hold a password. */
export const httpUrlConfig = parseConfig("an address that begins with http:// or https://", (text) =>
  Option.filter(Option.fromNullable(URL.parse(text)), ({ protocol }) => /^https?:$/.test(protocol)),
)

/** The folder of what is kept outside a database server. */
export const dataDir = Config.nonEmptyString("DATA_DIR").pipe(Config.withDefault("./data"))

/** How long answers may go on once the server is asked to end. */
export const drainTimeout = durationConfig("DRAIN_TIMEOUT", {
  least: "0 seconds",
  most: "24 hours",
  fallback: "10 seconds",
})

/** Settings by name. An empty one counts as none: compose files pass every setting on. */
export const configProviderFromEnv = (all: Readonly<Record<string, string | undefined>>) =>
  ConfigProvider.fromMap(
    new Map(
      Object.entries(all).flatMap(([name, value]) =>
        value === undefined || value.trim() === "" ? [] : [[name, value]],
      ),
    ),
  )
