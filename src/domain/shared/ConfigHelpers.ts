import { Config, ConfigError, ConfigProvider, Duration, Either, Option } from "effect"

interface IntegerBounds {
  readonly min: number
  readonly max: number
  readonly fallback: number
}

/** Maximum value of a PostgreSQL column of type `integer`. */
export const MAX_INT4 = 2_147_483_647

/** Parses a variable with `parse`. The error says what is expected and never repeats the value, which may be secret. */
export const parseConfig =
  <A>(expected: string, parse: (text: string) => Option.Option<A>) =>
  (name: string): Config.Config<A> =>
    Config.mapOrFail(Config.string(name), (text) =>
      Either.fromOption(parse(text.trim()), () =>
        ConfigError.InvalidData([], `${name} must be ${expected}.`),
      ),
    )

/** Parses a variable as a whole number from `min` to `max`, both inclusive. */
export const integerConfig = (name: string, { min, max, fallback }: IntegerBounds) =>
  parseConfig(`a whole number from ${min} to ${max}`, (text) =>
    Option.filter(
      /^[+-]?\d+$/.test(text) ? Option.some(Number(text)) : Option.none(),
      (value) => value >= min && value <= max,
    ),
  )(name).pipe(Config.withDefault(fallback))

/** Parses a variable as one of the keys of `values`, case-insensitively. */
export const enumConfig = <A>(name: string, values: ReadonlyMap<string, A>) =>
  parseConfig(`one of ${[...values.keys()].join(", ")}`, (text) =>
    Option.fromNullable(values.get(text.toLowerCase())),
  )(name)

const booleans = new Map([
  ["on", true],
  ["true", true],
  ["off", false],
  ["false", false],
])

const parseBoolean = parseConfig("on or off", (text) => Option.fromNullable(booleans.get(text.toLowerCase())))

/** Parses a variable as `on` or `off`; `true` and `false` are accepted as synonyms. */
export const booleanConfig = (name: string, fallback: "on" | "off") =>
  Config.withDefault(parseBoolean(name), fallback === "on")

/** Whether requests and attempts to sign in are limited. */
export const areRatesLimited = booleanConfig("RATE_LIMITS", "on")

interface DurationBounds {
  readonly min: Duration.DurationInput & string
  readonly max: Duration.DurationInput & string
  readonly fallback: Duration.DurationInput
}

/** Parses a variable as a duration with its unit, from `min` to `max`, both inclusive. */
export const durationConfig = (name: string, { min, max, fallback }: DurationBounds) =>
  parseConfig(`a duration from ${min} to ${max}, such as 30 seconds`, (text) =>
    // Rejected here because `Duration` clamps negative values to zero.
    text.startsWith("-")
      ? Option.none()
      : Option.filter(Duration.decodeUnknown(text), Duration.between({ minimum: min, maximum: max })),
  )(name).pipe(Config.withDefault(Duration.decode(fallback)))

/** Parses a variable as a URL with one of two schemes. The URL may contain a password. */
export const urlConfig = (scheme: string, secureScheme: string) =>
  parseConfig(`a URL that starts with ${scheme}:// or ${secureScheme}://`, (text) =>
    Option.filter(
      Option.fromNullable(URL.parse(text)),
      ({ protocol, hostname }) => hostname !== "" && [`${scheme}:`, `${secureScheme}:`].includes(protocol),
    ),
  )

/** Parses a variable as an http(s) URL, which may contain a password. */
export const httpUrlConfig = urlConfig("http", "https")

/** The directory for everything stored outside a database server. */
export const dataDir = Config.nonEmptyString("DATA_DIR").pipe(Config.withDefault("./data"))

/** How long running generations may continue after shutdown starts. */
export const drainTimeout = durationConfig("DRAIN_TIMEOUT", {
  min: "0 seconds",
  max: "24 hours",
  fallback: "10 seconds",
})

/** Reads configuration from environment variables. A blank one counts as unset: compose files pass every variable on. */
export const configProviderFromEnv = (env: Readonly<Record<string, string | undefined>>) =>
  ConfigProvider.fromMap(
    new Map(
      Object.entries(env).flatMap(([name, value]) =>
        value === undefined || value.trim() === "" ? [] : [[name, value]],
      ),
    ),
  )
