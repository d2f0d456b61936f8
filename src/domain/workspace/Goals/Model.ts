import { Schema } from "effect"
import { UserId } from "../../shared/Actor"
import { Uuid } from "../../shared/Ids"
import { MultilineText, SingleLineText } from "../../shared/Text"

export const GoalId = Uuid.pipe(Schema.brand("GoalId"))
export type GoalId = typeof GoalId.Type

/** Schemas of the fields that a user provides. */
export const GoalFields = {
  title: SingleLineText(1, 200),
  description: Schema.NullOr(MultilineText(0, 10_000)),
  status: Schema.Literal("pending", "in_progress", "completed"),
}

/** What a user wants to achieve. */
export const Goal = Schema.Struct({
  id: GoalId,
  userId: UserId,
  title: Schema.String,
  description: Schema.NullOr(Schema.String),
  status: GoalFields.status,
  createdAt: Schema.DateFromSelf,
  updatedAt: Schema.DateFromSelf,
})
export type Goal = typeof Goal.Type

export type NewGoal = Pick<Goal, "title"> & Partial<Pick<Goal, "description">>

export type GoalChange = Partial<Pick<Goal, "title" | "description" | "status">>
