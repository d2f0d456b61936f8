import type { FinishReason } from "../../domain/models/LanguageModel"

/**
 * The fields read from a streamed chunk or a complete response; providers may omit or mistype any of them.
 */
export interface WireBody {
  readonly object?: unknown
  readonly type?: unknown
  readonly error?: unknown
  readonly error_code?: unknown
  readonly detail?: unknown
  readonly choices?: unknown
  readonly usage?: unknown
  readonly x_groq?: unknown
}
export interface WireChoice {
  readonly index?: unknown
  readonly delta?: WireText | null
  readonly message?: WireText | null
  readonly text?: unknown
  readonly finish_reason?: unknown
  readonly error?: unknown
  readonly usage?: unknown
}
export interface WireText {
  readonly content?: unknown
  readonly refusal?: unknown
  readonly reasoning?: unknown
  readonly reasoning_content?: unknown
  readonly reasoning_text?: unknown
  readonly reasoning_details?: unknown
  readonly thinking?: unknown
}

export const isNonEmptyString = (value: unknown): value is string => typeof value === "string" && value !== ""

/** Returns whether the text has a character other than white space and control characters. */
export const hasVisibleText = (text: string) => /[^\s\p{Cc}]/u.test(text)

export const isWireBody = (body: unknown): body is WireBody => typeof body === "object" && body !== null

/** The depth to which text is looked for in parts of parts. */
const MAX_DEPTH = 4

/** Returns the text in a value: a string, an object with a text, or a list of these. */
const textIn = (value: unknown, depth = 0): string => {
  if (typeof value === "string") return value
  if (depth === MAX_DEPTH || typeof value !== "object" || value === null) return ""
  if (Array.isArray(value)) return value.map((part) => textIn(part, depth + 1)).join("")
  const { text, thinking, summary, content }: Readonly<Record<string, unknown>> = { ...value }
  return textIn(text ?? thinking ?? summary ?? content, depth + 1)
}

const isReasoningPart = (part: unknown) =>
  isWireBody(part) && typeof part.type === "string" && /^(?:thinking|reasoning|thought)/.test(part.type)

const isTextPart = (part: unknown) =>
  typeof part === "string" || (isWireBody(part) && /^(?:output_)?text$/.test(String(part.type ?? "text")))

/** Returns the reasoning in the fields beside the text. Those that repeat each other are read once. */
const reasoningBeside = (delta: WireText): string => {
  const { reasoning_content, reasoning, reasoning_text, thinking, reasoning_details } = delta
  for (const field of [reasoning_content, reasoning, reasoning_text, thinking, reasoning_details]) {
    const text = textIn(field)
    if (text !== "") return text
  }
  return ""
}

/** The text of a chunk or a message, and the reasoning beside it. */
export interface MessageParts {
  readonly text: string
  readonly reasoning: string
}

/** Returns text and reasoning of a chunk or a message. Parts of unknown types are ignored. */
export const partsOf = (delta: WireText): MessageParts => {
  const { content } = delta
  const reasoning = reasoningBeside(delta)
  if (typeof content === "string") return { text: content, reasoning }
  const parts = [content].flat()
  return {
    text: textIn(parts.filter(isTextPart)),
    reasoning: reasoning + textIn(parts.filter(isReasoningPart)),
  }
}

const successCodes = new Set<unknown>([undefined, null, "", 0, "0", 200, "200", "ok", "success"])

const isSet = (value: unknown) =>
  typeof value === "object" && value !== null
    ? Object.keys(value).length > 0
    : !successCodes.has(value) && value !== false

/** Returns whether the value of an `error` field reports an error: many servers always send the field. */
const isError = (error: unknown): boolean => {
  if (typeof error !== "object" || error === null) return isSet(error)
  const { code, message, ...more }: Readonly<Record<string, unknown>> = { ...error }
  const isSuccess = code === 0 || code === 200
  return isSet(code) || (!isSuccess && isSet(message)) || Object.values(more).some(isSet)
}

/** Returns what a body, or its choice, reports instead of an answer. */
export const errorIn = (body: WireBody, choice: WireChoice | undefined): unknown => {
  if (isError(body.error)) return body
  if (choice !== undefined) return isError(choice.error) ? { error: choice.error } : undefined
  const isReport =
    body.object === "error" || body.type === "error" || isError(body.error_code) || isError(body.detail)
  return isReport ? body : undefined
}

/** Maps a provider's finish reason to the port's; `content_filter` and `error` are failures. */
export const mapFinishReason = (reason: string): FinishReason | "content_filter" | "error" => {
  if (/^(?:length|(?:max|model).*(?:tokens|length|exceeded))$/i.test(reason)) return "length"
  if (/filter|safety|prohibited|recitation|blocklist|refusal|sensitive|spii/i.test(reason))
    return "content_filter"
  return /error|abort|cancel|interrupt|timeout|insufficient/i.test(reason) ? "error" : "stop"
}
