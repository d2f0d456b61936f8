import type { FinishReason, TokenUsage } from "../../domain/models/LanguageModel"

/** The fields of a streamed chunk or a whole completion that are read; none can be relied on. */
interface WireBody {
  readonly error?: unknown
  readonly choices?: unknown
  readonly usage?: { readonly prompt_tokens?: unknown; readonly completion_tokens?: unknown } | null
}
export interface WireChoice {
  readonly index?: unknown
  readonly delta?: WireText | null
  readonly message?: WireText | null
  readonly finish_reason?: unknown
}
interface WireText {
  readonly content?: unknown
  readonly refusal?: unknown
  readonly reasoning?: unknown
  readonly reasoning_content?: unknown
}

/** The database's own limit for a number of tokens. */
const mostTokens = 2 ** 31 - 1

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= mostTokens

/** What a provider counted; undefined unless both are numbers of tokens. */
export const counted = (promptTokens: unknown, completionTokens: unknown): TokenUsage | undefined =>
  isCount(promptTokens) && isCount(completionTokens) ? { promptTokens, completionTokens } : undefined

export const usageOf = (usage: WireBody["usage"]): TokenUsage | undefined =>
  counted(usage?.prompt_tokens, usage?.completion_tokens)

export const filled = (value: unknown): value is string => typeof value === "string" && value !== ""

/** Whether a text says anything at all. */
export const hasWords = (text: string) => /[^\s\p{Cc}]/u.test(text)

export const isBody = (body: unknown): body is WireBody => typeof body === "object" && body !== null

/** Only one choice is asked for; should more come, the first is the answer. */
export const firstChoice = ({ choices }: WireBody): WireChoice | undefined =>
  Array.isArray(choices)
    ? choices.find((choice: WireChoice | null) => isBody(choice) && (choice.index ?? 0) === 0)
    : undefined

/** A finish reason as the port knows it; `refused` and `broken` are failures. */
export const reasonOf = (reason: string): FinishReason | "refused" | "broken" => {
  if (reason === "length" || reason === "max_tokens") return "length"
  if (/filter|safety|prohibited|recitation|blocklist|refusal/i.test(reason)) return "refused"
  return /^(?:error|abort)/i.test(reason) ? "broken" : "stop"
}
