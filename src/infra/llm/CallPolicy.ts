import { Config, Duration } from "effect"
import { durationConfig, integerConfig } from "../../domain/shared/ConfigHelpers"

/** Timeouts and retries of calls to a provider. */
export interface CallPolicy {
  /** Milliseconds without a sign of life before the first token of a streamed answer, per attempt. */
  readonly firstTokenTimeout: number
  /** Milliseconds without a sign of life once the answer has started. */
  readonly idleTimeout: number
  /** Milliseconds for a complete answer that is not streamed. */
  readonly answerTimeout: number
  /** Attempts after the first. */
  readonly maxRetries: number
  /** Delay before the first retry; doubles with each further one, with jitter. */
  readonly retryDelay: Duration.Duration
}

const duration = (name: string, fallback: Duration.DurationInput) =>
  durationConfig(name, { min: "1 millis", max: "24 hours", fallback })

const millis = (name: string, fallback: Duration.DurationInput) =>
  Config.map(duration(name, fallback), Duration.toMillis)

export const config: Config.Config<CallPolicy> = Config.all({
  firstTokenTimeout: millis("LLM_FIRST_TOKEN_TIMEOUT", "60 seconds"),
  idleTimeout: millis("LLM_IDLE_TIMEOUT", "30 seconds"),
  answerTimeout: millis("LLM_ANSWER_TIMEOUT", "5 minutes"),
  maxRetries: integerConfig("LLM_MAX_RETRIES", { min: 0, max: 10, fallback: 2 }),
  retryDelay: duration("LLM_RETRY_DELAY", "500 millis"),
})
