import { lengthBetween } from "../../shared/Text"

export const instructions =
  "You name conversations. Answer with a title of at most six words for the one that follows, in its language: the title alone, without quotation marks or a full stop."

/** Enough for a title in any script. */
export const mostTitleTokens = 40

/** A model that says more than this has not given a title. */
const longestTitle = 100

/** As much of a text as is needed to name it. */
export const shorten = (text: string): string => text.slice(0, 2000).toWellFormed()

/** The title in a model's answer, if there is one. */
export const titleFrom = (answer: string): string | undefined => {
  const line = answer.trim().split(/[\r\n]/, 1)[0] ?? ""
  const title = line
    .replace(/^(?:#+|title:|\*+)\s*/i, "")
    .replace(/^["'“”„«»*`]+|["'“”„«»*`.]+$/g, "")
    .replaceAll("\u0000", "")
    .toWellFormed()
    .trim()
  return lengthBetween(title, 1, longestTitle) ? title : undefined
}
