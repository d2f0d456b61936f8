import type { FinishReason, TokenUsage } from "../../domain/models/LanguageModel"

/**
 * The fields read from a streamed chunk or a complete response; providers may omit or mistype any of them.
 */
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

/** The maximum of the database columns that store token counts. */
const MAX_INT4 = 2 ** 31 - 1

const isTokenCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= MAX_INT4

/** Returns the token usage a provider reported, or undefined unless both values are valid token counts. */
export const parseUsage = (promptTokens: unknown, completionTokens: unknown): TokenUsage | undefined =>
  isTokenCount(promptTokens) && isTokenCount(completionTokens)
    ? { promptTokens, completionTokens }
    : undefined

export const usageOf = (usage: WireBody["usage"]): TokenUsage | undefined =>
  parseUsage(usage?.prompt_tokens, usage?.completion_tokens)

export const isNonEmptyString = (value: unknown): value is string => typeof value === "string" && value !== ""

/** Returns whether the text has a character other than white space and control characters. */
export const hasVisibleText = (text: string) => /[^\s\p{Cc}]/u.test(text)

export const isWireBody = (body: unknown): body is WireBody => typeof body === "object" && body !== null

/** Returns the choice with index 0: only one is requested, and any further ones are ignored. */
export const firstChoice = ({ choices }: WireBody): WireChoice | undefined =>
  Array.isArray(choices)
    ? choices.find((choice: WireChoice | null) => isWireBody(choice) && (choice.index ?? 0) === 0)
    : undefined

/** Maps a provider's finish reason to the port's; `content_filter` and `error` are failures. */
export const mapFinishReason = (reason: string): FinishReason | "content_filter" | "error" => {
  if (reason === "length" || reason === "max_tokens") return "length"
  if (/filter|safety|prohibited|recitation|blocklist|refusal/i.test(reason)) return "content_filter"
  return /^(?:error|abort)/i.test(reason) ? "error" : "stop"
}
