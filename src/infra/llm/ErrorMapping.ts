import { APIConnectionError, APIError } from "openai"
import {
  ContentRefused,
  ContextTooLong,
  ModelAccessDenied,
  ModelAnswerUnreadable,
  ModelCutOff,
  type ModelError,
  ModelNotFound,
  ModelOverloaded,
  ModelRateLimited,
  ModelRequestRejected,
  ModelUnreachable,
} from "../../domain/models/LanguageModel"
import { type Complaint, complaintOf, redact } from "./ProviderError"
import { StrangeAnswer } from "./ProviderFetch"

/** Whose failure it is: the provider as people know it, and the model asked for, as they named it. */
export interface Asked {
  readonly provider: string
  readonly model: string
  /** The provider's key: never repeated, whoever says it. */
  readonly secret: string | undefined
}

const tooLong =
  /context.?length|context (?:size|limit|window)|prompt is too long|input token count|maximum model length|max_seq_len|exceed_context|request_too_large|reduce (?:the length of|your prompt)/
const refused =
  /content.?(?:filter|policy|management)|moderation|responsible.?ai|prohibited.?content|\bsafety\b|was flagged/
const unpaid = /insufficient.?(?:quota|credit|balance|fund)|credit balance|out of credit|payment required/
const wrongKey = /invalid.?api.?key|api.?key.?(?:not valid|invalid)|invalid.?authentication|unauthorized/
const noSuchModel =
  /model.?not.?found|not a valid model|unknown model|no endpoints? found|models?[ /].*(?:not found|does not exist)/
const rateLimited = /rate.?limit|too many requests|resource.?exhausted/
const overloaded = /overloaded|server.?error|internal.?error|unavailable|capacity|timeout/

interface Seen extends Complaint {
  /** Codes and message together, in lower case. */
  readonly said: string
  /** Nothing says that it was the provider's fault, or its traffic's. */
  readonly isRequestFault: boolean
}
type Rule = readonly [applies: (seen: Seen) => boolean, error: (asked: Asked, seen: Seen) => ModelError]

const wrongCredentials = ({ provider }: Asked) => new ModelAccessDenied({ provider, because: "credentials" })
const outOfCredit = ({ provider }: Asked) => new ModelAccessDenied({ provider, because: "credit" })
const rateLimit = ({ provider }: Asked, { retryAfter }: Seen) =>
  new ModelRateLimited({ provider, retryAfter })
const overload = ({ provider }: Asked) => new ModelOverloaded({ provider })

/** The first that applies says what a complaint means. */
const rules: ReadonlyArray<Rule> = [
  [
    ({ isRequestFault, said, status }) => status === 413 || (isRequestFault && tooLong.test(said)),
    ({ provider }) => new ContextTooLong({ provider }),
  ],
  [
    ({ isRequestFault, said }) => isRequestFault && refused.test(said),
    ({ provider }) => new ContentRefused({ provider }),
  ],
  // An exhausted account is a 429 at OpenAI, and no waiting mends it. At Google every 429 speaks of quotas.
  [({ codes, said, status }) => status === 402 || unpaid.test(status === 429 ? codes : said), outOfCredit],
  [({ status }) => status === 429, rateLimit],
  [({ status }) => status === 401 || status === 403, wrongCredentials],
  [({ isRequestFault, said }) => isRequestFault && wrongKey.test(said), wrongCredentials],
  [
    ({ isRequestFault, said }) => isRequestFault && noSuchModel.test(said),
    ({ model }) => new ModelNotFound({ model }),
  ],
  [({ status = 0 }) => status === 408 || status === 409 || status >= 500, overload],
  [({ said, status }) => status === undefined && rateLimited.test(said), rateLimit],
  [({ said, status }) => status === undefined && overloaded.test(said), overload],
]

/** The port's error for a provider's complaint. `undefined` when it says nothing that we know. */
const recognise = (asked: Asked, complaint: Complaint): ModelError | undefined => {
  const { status, codes, message } = complaint
  const seen: Seen = {
    ...complaint,
    said: `${codes} ${message.toLowerCase()}`,
    isRequestFault: status === undefined || (status >= 400 && status < 500 && status !== 429),
  }
  return rules.find(([applies]) => applies(seen))?.[1](asked, seen)
}

/** An answer with an error status. */
const fromStatus = (asked: Asked, error: APIError): ModelError => {
  const { status, headers } = error
  const complaint = complaintOf(error.error ?? error.message, status, headers)
  const known = recognise(asked, complaint)
  if (known !== undefined) return known
  // A page where an error object should be: something else lives at that address.
  if (error.error === undefined && /<html|<!doctype/i.test(complaint.message)) {
    return new ModelAnswerUnreadable({ provider: asked.provider })
  }
  if (status === 404) return new ModelNotFound({ model: asked.model })
  const reason = redact(complaint.message, asked.secret)
  return new ModelRequestRejected({
    provider: asked.provider,
    reason: reason === "" ? `status ${status}` : reason,
  })
}

/** An error object in the middle of a stream, or in the body of a 200. */
export const fromEvent = (asked: Asked, body: unknown): ModelError =>
  recognise(asked, complaintOf(body)) ?? new ModelCutOff({ provider: asked.provider })

/** What came instead of an answer, which the SDK takes for a failure of the connection. */
const strangeIn = (thrown: unknown) =>
  [thrown, thrown instanceof APIConnectionError ? thrown.cause : undefined].find(
    (error) => error instanceof StrangeAnswer,
  )

/** Whatever the SDK or the connection threw before the answer began. */
export const fromThrown = (asked: Asked, thrown: unknown): ModelError => {
  if (strangeIn(thrown) !== undefined) return new ModelAnswerUnreadable({ provider: asked.provider })
  if (thrown instanceof APIConnectionError) return new ModelUnreachable({ provider: asked.provider })
  if (thrown instanceof APIError) {
    return thrown.status === undefined ? fromEvent(asked, thrown.error) : fromStatus(asked, thrown)
  }
  return new ModelCutOff({ provider: asked.provider })
}

/** What to tell the administrator's log about a failure, in the provider's own words, made safe. */
export const detailOf = (asked: Asked, thrown: unknown) => {
  if (!(thrown instanceof Error)) return redact(complaintOf(thrown).message, asked.secret)
  const strange = strangeIn(thrown)
  if (strange !== undefined) return redact(strange.message, asked.secret)
  const cause = thrown.cause instanceof Error ? ` ${thrown.cause.message}` : ""
  return redact(`${thrown.message}${cause}`, asked.secret)
}
