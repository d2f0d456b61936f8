const encoder = new TextEncoder()

/** How many bytes of UTF-8 are taken for a token. */
export const bytesPerToken = 3

/** Tokens for the role and the separators of each turn. */
export const tokensPerTurn = 8

/** Tokens for a picture or a file, whatever is in it. */
export const tokensPerAttachment = 1000

/**
 * An upper guess at how many tokens a text is, cheap enough to make before every call, here or in
 * the database: English runs at four bytes a token, other scripts at three and more.
 */
export const estimateTokens = (text: string): number => Math.ceil(encoder.encode(text).length / bytesPerToken)
