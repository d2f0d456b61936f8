import { lengthBetween } from "../../shared/Text"

export const instructions =
  "You name conversations. Answer with a title of at most six words for the one that follows, in its language: the title alone, without quotation marks or a full stop."

/** Enough for a title in any script. */
export const maxTitleTokens = 40

/** A longer response is not accepted as a title. */
const maxTitleLength = 100

/** Returns the beginning of a text, enough to derive a title from. */
export const truncate = (text: string): string => text.slice(0, 2000).toWellFormed()

/** Extracts the title from a model's answer; undefined if there is none. */
export const parseTitle = (answer: string): string | undefined => {
  const line = answer.trim().split(/[\r\n]/, 1)[0] ?? ""
  const title = line
    .replace(/^(?:#+|title:|\*+)\s*/i, "")
    .replace(/^["'“”„«»*`]+|["'“”„«»*`.]+$/g, "")
    .replaceAll("\u0000", "")
    .toWellFormed()
    .trim()
  return lengthBetween(title, 1, maxTitleLength) ? title : undefined
}
