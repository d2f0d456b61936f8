import { Config, ConfigError, Duration, Either, Option } from "effect"

/** How long a provider may take and how often it is asked again. */
export interface Limits {
  /** To the first token of a streamed answer, per attempt, in milliseconds. */
  readonly firstToken: number
  /** Between two chunks once the answer has begun, in milliseconds. */
  readonly idle: number
  /** For a whole answer that is not streamed, in milliseconds. */
  readonly answer: number
  /** Further attempts after the first. */
  readonly retries: number
  /** Before the first further attempt; doubles from there, with jitter. */
  readonly retryDelay: Duration.Duration
}

const longest = Duration.hours(24)

/** A setting that is a length of time above zero and at most a day. */
const duration = (name: string, fallback: Duration.DurationInput) =>
  Config.string(name).pipe(
    Config.option,
    Config.mapOrFail((given) => {
      const decoded = Duration.decodeUnknown(Option.getOrElse(given, () => fallback))
      return Option.match(
        Option.filter(decoded, Duration.between({ minimum: Duration.millis(1), maximum: longest })),
        {
          onNone: () =>
            Either.left(ConfigError.InvalidData([], `${name} must be a length of time such as 30 seconds.`)),
          onSome: Either.right,
        },
      )
    }),
  )

const millis = (name: string, fallback: Duration.DurationInput) =>
  Config.map(duration(name, fallback), Duration.toMillis)

const retries = Config.string("LLM_MAX_RETRIES").pipe(
  Config.withDefault("2"),
  Config.mapOrFail((given) =>
    /^(?:\d|10)$/.test(given.trim())
      ? Either.right(Number(given))
      : Either.left(ConfigError.InvalidData([], "LLM_MAX_RETRIES must be a whole number from 0 to 10.")),
  ),
)

export const config: Config.Config<Limits> = Config.all({
  firstToken: millis("LLM_FIRST_TOKEN_TIMEOUT", "60 seconds"),
  idle: millis("LLM_IDLE_TIMEOUT", "30 seconds"),
  answer: millis("LLM_ANSWER_TIMEOUT", "5 minutes"),
  retries,
  retryDelay: duration("LLM_RETRY_DELAY", "500 millis"),
})
