import { Either } from "effect"
import {
  type Completion,
  ContentRefused,
  ModelAnswerUnreadable,
  ModelCutOff,
  type ModelError,
  ModelSaidNothing,
} from "../../domain/models/LanguageModel"
import { type Asked, detailOf, fromEvent } from "./ErrorMapping"
import { redact } from "./ProviderError"
import { filled, firstChoice, hasWords, isBody, reasonOf, usageOf } from "./WireTypes"

/** Why there is no completion, and what the log is told about that. */
interface Failure {
  readonly error: ModelError
  readonly detail: string
}

/** A whole `chat.completion` body as a completion, or why it is none. */
export const fromCompletion = (asked: Asked, body: unknown): Either.Either<Completion, Failure> => {
  const { provider, secret } = asked
  const failed = (error: ModelError, detail: string) => Either.left({ error, detail: redact(detail, secret) })
  if (isBody(body) && body.error !== undefined && body.error !== null) {
    return failed(fromEvent(asked, body), detailOf(asked, body))
  }
  const choice = isBody(body) ? firstChoice(body) : undefined
  if (!isBody(body) || choice === undefined) {
    return failed(new ModelAnswerUnreadable({ provider }), `no completion: ${JSON.stringify(body)}`)
  }
  const finish = filled(choice.finish_reason) ? choice.finish_reason : "stop"
  const reason = reasonOf(finish)
  if (reason === "refused" || filled(choice.message?.refusal)) {
    return failed(new ContentRefused({ provider }), `finish_reason ${finish}`)
  }
  if (reason === "broken") return failed(new ModelCutOff({ provider }), `finish_reason ${finish}`)
  const text = choice.message?.content
  const usage = usageOf(body.usage)
  return filled(text) && hasWords(text)
    ? Either.right({ text, reason, usage })
    : failed(new ModelSaidNothing({ reason, usage }), `finish_reason ${finish}`)
}
