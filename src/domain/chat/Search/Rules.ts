import type { Match, SearchResult } from "./Model"

/** How many characters of a text to show before and after the term. */
const CONTEXT = 80

const folded = (text: string) => text.normalize("NFC").toUpperCase()

/**
 * Returns the part of a text around the first occurrence of a term, in one line, cut between words. The
 * beginning of the text, if case mapping changes its length or the term is not in it.
 */
export const snippetOf = (text: string, term: string): string => {
  const normalized = text.normalize("NFC")
  const upper = folded(normalized)
  const found = upper.length === normalized.length ? upper.indexOf(folded(term)) : -1
  const at = Math.max(0, found)
  const start = at <= CONTEXT ? 0 : at - CONTEXT
  const end = Math.min(normalized.length, at + term.length + CONTEXT)
  const before = start === 0 ? "" : "…"
  const after = end === normalized.length ? "" : "…"
  const part = normalized
    .slice(start, end)
    .replace(start === 0 ? /^/ : /^\S{0,20}\s/u, "")
    .replace(end === normalized.length ? /$/ : /\s\S{0,20}$/u, "")
  return `${before}${part.replace(/\s+/gu, " ").trim().toWellFormed()}${after}`
}

/** Ranks a match: an equal title first, then one that begins with the term, one that contains it, then texts. */
const rankOf = (title: string, term: string, isMessage: boolean): number => {
  if (isMessage) return 3
  const [upper, sought] = [folded(title), folded(term)]
  if (upper === sought) return 0
  if (upper.startsWith(sought)) return 1
  return upper.includes(sought) ? 2 : 3
}

/** Sorts matches by rank, and those of the same rank latest first. */
export const ranked = (matches: ReadonlyArray<Match>, term: string): ReadonlyArray<Match> =>
  matches
    .map((match) => ({ match, rank: rankOf(match.title, term, match.type === "message") }))
    .toSorted(
      (one, other) =>
        one.rank - other.rank || other.match.createdAt.getTime() - one.match.createdAt.getTime(),
    )
    .map(({ match }) => match)

export const toResult = ({ text, ...match }: Match, term: string): SearchResult => ({
  ...match,
  snippet: snippetOf(text === "" ? match.title : text, term),
})
