import { Config, Duration } from "effect"
import { durationConfig, integerConfig } from "../../domain/shared/ConfigHelpers"

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

const duration = (name: string, fallback: Duration.DurationInput) =>
  durationConfig(name, { least: "1 millis", most: "24 hours", fallback })

const millis = (name: string, fallback: Duration.DurationInput) =>
  Config.map(duration(name, fallback), Duration.toMillis)

export const config: Config.Config<Limits> = Config.all({
  firstToken: millis("LLM_FIRST_TOKEN_TIMEOUT", "60 seconds"),
  idle: millis("LLM_IDLE_TIMEOUT", "30 seconds"),
  answer: millis("LLM_ANSWER_TIMEOUT", "5 minutes"),
  retries: integerConfig("LLM_MAX_RETRIES", { min: 0, max: 10, fallback: 2 }),
  retryDelay: duration("LLM_RETRY_DELAY", "500 millis"),
})
