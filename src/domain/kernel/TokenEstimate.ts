/**
 * An upper guess at how many tokens a text is, cheap enough to make before every call: English
 * runs at four characters a token, other scripts at up to one.
 */
export const estimateTokens = (text: string): number => {
  let wide = 0
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) wide++
  return Math.ceil((text.length - wide) / 3) + wide
}

/** Roles and separators around each turn. */
const perTurn = 8

export const estimatePrompt = (turns: ReadonlyArray<{ readonly content: string }>): number =>
  turns.reduce((sum, turn) => sum + estimateTokens(turn.content) + perTurn, 0)
