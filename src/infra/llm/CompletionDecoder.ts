import { Either } from "effect"
import {
  type Completion,
  ContentFiltered,
  EmptyResponse,
  InvalidResponse,
  type ModelError,
  StreamInterrupted,
} from "../../domain/models/LanguageModel"
import { type CallContext, logDetail, mapStreamError } from "./ErrorMapping"
import { redact } from "./ProviderError"
import {
  firstChoice,
  hasVisibleText,
  isNonEmptyString,
  isWireBody,
  mapFinishReason,
  usageOf,
} from "./ResponseFields"

/** The error of a failed completion, and the detail to log. */
interface DecodeFailure {
  readonly error: ModelError
  readonly detail: string
}

/** Decodes the body of a non-streamed `chat.completion`, or returns why it is not one. */
export const decodeCompletion = (
  context: CallContext,
  body: unknown,
): Either.Either<Completion, DecodeFailure> => {
  const { provider, secret } = context
  const fail = (error: ModelError, detail: string) => Either.left({ error, detail: redact(detail, secret) })
  if (isWireBody(body) && body.error !== undefined && body.error !== null) {
    return fail(mapStreamError(context, body), logDetail(context, body))
  }
  const choice = isWireBody(body) ? firstChoice(body) : undefined
  if (!isWireBody(body) || choice === undefined) {
    return fail(new InvalidResponse({ provider }), `not a completion: ${JSON.stringify(body)}`)
  }
  const finish = isNonEmptyString(choice.finish_reason) ? choice.finish_reason : "stop"
  const reason = mapFinishReason(finish)
  if (reason === "content_filter" || isNonEmptyString(choice.message?.refusal)) {
    return fail(new ContentFiltered({ provider }), `finish_reason ${finish}`)
  }
  if (reason === "error") return fail(new StreamInterrupted({ provider }), `finish_reason ${finish}`)
  const text = choice.message?.content
  const usage = usageOf(body.usage)
  return isNonEmptyString(text) && hasVisibleText(text)
    ? Either.right({ text, reason, usage })
    : fail(new EmptyResponse({ reason, usage }), `finish_reason ${finish}`)
}
