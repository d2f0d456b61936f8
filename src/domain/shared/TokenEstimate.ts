const encoder = new TextEncoder()

/** Bytes of UTF-8 estimated per token. */
export const bytesPerToken = 3

/** Tokens estimated for the role and the separators of each message. */
export const tokensPerMessage = 8

/** Tokens estimated for an image or a file, regardless of its content. */
export const tokensPerAttachment = 1000

/**
 * Estimates from above how many tokens a text has, cheaply enough for every call, here or in the
 * database: English has about four bytes per token, other scripts three and more.
 */
export const estimateTokens = (text: string): number => Math.ceil(encoder.encode(text).length / bytesPerToken)

/** The least to leave for an answer: prompts are estimated from above, and may be smaller. */
const minAnswerTokens = 256

/** Returns how many tokens an answer may have, so that it fits into the context window with its prompt. */
export const fitAnswer = (
  maxTokens: number,
  promptTokens: number,
  contextLength = Number.POSITIVE_INFINITY,
) => Math.min(maxTokens, Math.max(contextLength - promptTokens, minAnswerTokens))

/** Returns how many tokens a prompt may have, so that its answer fits in; at least half of the context window. */
export const promptBudget = (maxAnswerTokens: number, contextLength = Number.POSITIVE_INFINITY) =>
  contextLength - Math.min(maxAnswerTokens, Math.floor(contextLength / 2))
