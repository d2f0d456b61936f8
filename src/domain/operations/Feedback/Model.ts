import { Schema } from "effect"
import { UserId } from "../../shared/Actor"
import { Uuid } from "../../shared/Ids"
import { MultilineText, SingleLineText } from "../../shared/Text"

/** Schemas of the fields that a user provides. */
export const FeedbackFields = {
  type: SingleLineText(1, 50),
  content: MultilineText(1, 10_000),
}

/** What a user told the administrators. */
export const FeedbackEntry = Schema.Struct({
  id: Uuid,
  /** Null once the account is deleted. */
  userId: Schema.NullOr(UserId),
  /** Null once the account is deleted. */
  email: Schema.NullOr(Schema.String),
  /** A word that the front end chooses, such as `bug` or `idea`. */
  type: Schema.String,
  content: Schema.String,
  createdAt: Schema.DateFromSelf,
})
export type FeedbackEntry = typeof FeedbackEntry.Type

export type NewFeedback = Pick<FeedbackEntry, "type" | "content">
