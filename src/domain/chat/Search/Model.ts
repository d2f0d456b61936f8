import { Schema } from "effect"
import { SingleLineText } from "../../shared/Text"

/** What a search can find. */
export const SearchType = Schema.Literal("chat", "message", "project", "document", "file")
export type SearchType = typeof SearchType.Type

/** A text to search for: at most 200 characters of one line. */
export const SearchTerm = SingleLineText(1, 200)

/** Something that contains the term in its title or its text. */
export const Match = Schema.Struct({
  type: SearchType,
  id: Schema.String,
  /** The chat of a message. */
  chatId: Schema.NullOr(Schema.String),
  /** A chat's, project's or document's title, a file's name, or the title of a message's chat. */
  title: Schema.String,
  /** The text that contains the term, unless only the title does. */
  text: Schema.String,
  createdAt: Schema.DateFromSelf,
})
export type Match = typeof Match.Type

/** A match with the part of its text around the term. */
export interface SearchResult extends Omit<Match, "text"> {
  readonly snippet: string
}
