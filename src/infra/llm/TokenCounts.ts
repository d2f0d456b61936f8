import type { ModelRequest, TokenUsage } from "../../domain/models/LanguageModel"
import {
  bytesPerToken,
  estimateTokens,
  tokensPerAttachment,
  tokensPerMessage,
} from "../../domain/shared/TokenEstimate"
import { isWireBody, type WireBody, type WireChoice } from "./ResponseFields"

/** The token counts that a provider reported, those of them that are counts. */
export interface ReportedUsage {
  readonly prompt?: number | undefined
  readonly completion?: number | undefined
  readonly total?: number | undefined
  readonly reasoning?: number | undefined
  readonly cached?: number | undefined
}

/** What a call used, and how that differs from what the provider reported. */
export interface ReconciledUsage {
  readonly usage: TokenUsage | undefined
  readonly correction?: { readonly reported: string; readonly counted: string } | undefined
}

/** Tokens beside the text that a provider may count: templates, special tokens, its own instructions. */
const OUTPUT_ALLOWANCE = 256
const PROMPT_ALLOWANCE = 4096

/** The most tokens that an image or a page takes, with any provider. */
const TOKENS_PER_FILE = 65_536

/** The most tokens of reasoning that are believed without being seen, unless the request allows fewer. */
const MAX_HIDDEN_TOKENS = 131_072

/** More bytes per token than any text has; providers may leave out what they had cached of a prompt. */
const MAX_OUTPUT_BYTES_PER_TOKEN = 32
const MAX_PROMPT_BYTES_PER_TOKEN = 128

/** The maximum of the database columns that store token counts. */
const MAX_INT4 = 2 ** 31 - 1

const toCount = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  isWireBody(value) ? { ...value } : {}

/** Returns the token usage a provider reported, or undefined unless both values are valid token counts. */
export const parseUsage = (promptTokens: unknown, completionTokens: unknown): TokenUsage | undefined => {
  const [prompt, completion] = [toCount(promptTokens), toCount(completionTokens)]
  if (prompt === undefined || completion === undefined || Math.max(prompt, completion) > MAX_INT4)
    return undefined
  return { promptTokens: prompt, completionTokens: completion }
}

/** Returns the usage in a body: beside the choices, in the choice (Moonshot) or in `x_groq`. */
export const usageIn = (body: WireBody, choice: WireChoice | undefined): ReportedUsage | undefined => {
  const usage = [body.usage, choice?.usage, fieldsOf(body.x_groq).usage].find(isWireBody)
  if (usage === undefined) return undefined
  const fields = fieldsOf(usage)
  const outputDetails = fieldsOf(fields.completion_tokens_details ?? fields.output_tokens_details)
  const inputDetails = fieldsOf(fields.prompt_tokens_details ?? fields.input_tokens_details)
  return {
    prompt: toCount(fields.prompt_tokens ?? fields.input_tokens),
    completion: toCount(fields.completion_tokens ?? fields.output_tokens),
    total: toCount(fields.total_tokens),
    reasoning: toCount(outputDetails.reasoning_tokens ?? fields.reasoning_tokens),
    cached: toCount(inputDetails.cached_tokens),
  }
}

/** Returns the later report, with what it lacks or reports as 0 from the earlier one. */
export const mergeUsage = (earlier: ReportedUsage | undefined, later: ReportedUsage): ReportedUsage => ({
  prompt: later.prompt || earlier?.prompt || later.prompt,
  completion: later.completion || earlier?.completion || later.completion,
  total: later.total || earlier?.total,
  reasoning: later.reasoning || earlier?.reasoning,
  cached: later.cached || earlier?.cached,
})

/** Completes the parts by the total and the details, or returns undefined if that is not possible. */
const completeParts = ({ prompt, completion, total = 0, reasoning = 0 }: ReportedUsage) => {
  const input = prompt ?? (completion !== undefined && total > completion ? total - completion : undefined)
  const output = completion ?? (prompt !== undefined && total > prompt ? total - prompt : undefined)
  if (input === undefined || output === undefined) return undefined
  // Some providers count reasoning in the total only (xAI, Gemini), or in the details only.
  const beside = Math.max(total - input - output, reasoning > output ? reasoning : 0, 0)
  return { prompt: input, completion: output + beside, hidden: Math.max(beside, reasoning) }
}

const isWithin = (value: number, min: number, max: number) => value >= min && value <= max

/**
 * Returns the usage to charge: what the provider reported, where the request and the output can explain it,
 * otherwise an estimate. `outputBytes` are those of text and reasoning.
 */
export const reconcileUsage = (
  reported: ReportedUsage | undefined,
  request: ModelRequest,
  outputBytes: number,
): ReconciledUsage => {
  const parts = reported === undefined ? undefined : completeParts(reported)
  if (reported === undefined || parts === undefined) return { usage: undefined, correction: undefined }
  const isNothing = outputBytes < bytesPerToken && parts.prompt === 0 && parts.completion === 0
  const usage = isNothing
    ? { promptTokens: 0, completionTokens: 0 }
    : {
        promptTokens: believablePrompt(parts.prompt, reported.cached ?? 0, request),
        completionTokens: believableCompletion(parts.completion, parts.hidden, request, outputBytes),
      }
  if (usage.promptTokens === reported.prompt && usage.completionTokens === reported.completion) {
    return { usage, correction: undefined }
  }
  const { prompt = "unknown", completion = "unknown", total = "unknown", reasoning = "unknown" } = reported
  return {
    usage,
    correction: {
      reported: `${prompt} + ${completion}, total ${total}, reasoning ${reasoning}`,
      counted: `${usage.promptTokens} + ${usage.completionTokens}`,
    },
  }
}

const believablePrompt = (prompt: number, cached: number, { messages }: ModelRequest): number => {
  const files = messages.flatMap((message) => message.files ?? [])
  const textBytes = messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0)
  const fileTokens = files.reduce((sum, { bytes }) => sum + TOKENS_PER_FILE + bytes.length, 0)
  const min = Math.max(1, Math.floor(textBytes / MAX_PROMPT_BYTES_PER_TOKEN))
  const max = textBytes + messages.length * 64 + fileTokens + PROMPT_ALLOWANCE
  if (isWithin(prompt, min, max)) return prompt
  // Some gateways count what was cached beside the prompt.
  if (prompt < min && isWithin(prompt + cached, min, max)) return prompt + cached
  return messages.reduce(
    (sum, { content }) => sum + estimateTokens(content) + tokensPerMessage,
    files.length * tokensPerAttachment,
  )
}

const believableCompletion = (
  completion: number,
  hidden: number,
  { maxOutputTokens = MAX_HIDDEN_TOKENS }: ModelRequest,
  outputBytes: number,
): number => {
  const min =
    outputBytes < bytesPerToken ? 0 : Math.max(1, Math.floor(outputBytes / MAX_OUTPUT_BYTES_PER_TOKEN))
  const max = outputBytes + OUTPUT_ALLOWANCE + Math.min(hidden, maxOutputTokens)
  return isWithin(completion, min, max) ? completion : Math.ceil(outputBytes / bytesPerToken)
}
