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
