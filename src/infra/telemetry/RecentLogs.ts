import { Cause, HashMap, Inspectable, Logger } from "effect"
import type { LogLine } from "../../domain/operations/ProcessStats"
import { RingBuffer } from "../../domain/shared/RingBuffer"

/** The number of log lines to keep. */
const MAX_LINES = 200

const lines = new RingBuffer<LogLine>(MAX_LINES)

/** Texts that look like a secret: keys of providers, bearer tokens, JSON Web Tokens, passwords in URLs. */
const secrets = [
  /\b(?:sk|pk|key|xox[abp])-[\w-]{8,}/g,
  /\bBearer\s+[\w.~+/=-]{8,}/gi,
  /\beyJ[\w-]+\.[\w-]+\.[\w-]+/g,
  /(?<=:\/\/[^\s:/@]*:)[^\s/@]+(?=@)/g,
  /(?<=[?&](?:token|key|secret|password)=)[^&\s"]+/gi,
]

/** Replaces what looks like a secret. No log line should contain one; this is the second line of defense. */
const redactSecrets = (text: string): string =>
  secrets.reduce((redacted, pattern) => redacted.replace(pattern, "<redacted>"), text)

const render = (value: unknown): string =>
  redactSecrets(typeof value === "string" ? value : Inspectable.toStringUnknown(value, 0))

/** Keeps the latest log lines of the process in memory. */
export const layer = Logger.add(
  Logger.make(({ date, logLevel, message, annotations, cause }) => {
    const messages = Array.isArray(message) ? message : [message]
    const fields = HashMap.toEntries(annotations).map(([name, value]) => [name, render(value)] as const)
    lines.add({
      timestamp: date,
      level: logLevel.label,
      message: messages.map(render).join(" "),
      fields: {
        ...Object.fromEntries(fields),
        ...(Cause.isEmpty(cause) ? {} : { cause: render(Cause.pretty(cause)) }),
      },
    })
  }),
)

/** The latest log lines, latest first. */
export const latestLogs = (): ReadonlyArray<LogLine> => lines.latest()
