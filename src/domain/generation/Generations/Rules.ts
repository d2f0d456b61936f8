import { Cause, Exit, Option } from "effect"
import type { ConversationId, MessageId } from "../../conversations/Conversations/Model"
import {
  EmptyResponse,
  type ModelError,
  type StreamResult,
  type TokenUsage,
} from "../../models/LanguageModel"
import { estimateTokens } from "../../shared/TokenEstimate"
import type { ActiveGeneration } from "./ActiveGeneration"
import { describeFailure, internalError } from "./Errors"
import type { GenerationEvent, TerminalEvent } from "./Model"

interface InitialEventsInput {
  readonly conversationId: ConversationId
  readonly promptId: MessageId
  /** The message before the prompt; null when the prompt is the first one. */
  readonly previousId: MessageId | null
  readonly content: string
  readonly promptedAt: Date
  readonly answerId: MessageId
  readonly model: string
  readonly startedAt: Date
}

/** Returns the first events of a generation's log: `prompt` and `started`. */
export const initialEvents = (start: InitialEventsInput): ReadonlyArray<GenerationEvent> => [
  {
    type: "prompt",
    seq: 0,
    messageId: start.promptId,
    previousMessageId: start.previousId,
    conversationId: start.conversationId,
    content: start.content,
    createdAt: start.promptedAt.toISOString(),
  },
  {
    type: "started",
    seq: 1,
    messageId: start.answerId,
    model: start.model,
    createdAt: start.startedAt.toISOString(),
  },
]

/**
 * Estimates the usage to charge when the provider reported none. By default a model that put out nothing
 * is not charged for its prompt: whether the model read it is unknown.
 */
export const estimatedUsage = (
  promptTokens: number,
  output: string,
  isPromptCharged = output !== "",
): TokenUsage => ({
  promptTokens: isPromptCharged ? promptTokens : 0,
  completionTokens: estimateTokens(output),
})

/** Returns the terminal event of a generation whose model call ended like this. */
export const terminalEventOf = (
  { interruptReason, buffer, promptTokens, requestSent }: ActiveGeneration,
  exit: Exit.Exit<StreamResult, ModelError>,
): TerminalEvent => {
  const output = buffer.reasoning + buffer.text
  const estimate = estimatedUsage(promptTokens, output)
  if (Exit.isSuccess(exit)) {
    return { type: "completed", reason: exit.value.reason, usage: exit.value.usage ?? estimate }
  }
  const estimateIfSent = estimatedUsage(promptTokens, output, requestSent)
  const isInterrupted = Cause.isInterruptedOnly(exit.cause)
  if (isInterrupted && interruptReason !== "length") return { type: interruptReason, usage: estimateIfSent }
  if (isInterrupted && buffer.text !== "") {
    return { type: "completed", reason: "length", usage: estimateIfSent }
  }
  const error = isInterrupted
    ? new EmptyResponse({ reason: "length", usage: estimateIfSent })
    : Option.getOrUndefined(Cause.failureOption(exit.cause))
  if (error === undefined) return { type: "failed", error: internalError, usage: estimate }
  const usage = error._tag === "EmptyResponse" ? (error.usage ?? estimateIfSent) : estimate
  return { type: "failed", error: describeFailure(error), usage }
}
