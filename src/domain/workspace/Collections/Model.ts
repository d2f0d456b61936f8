import { Schema } from "effect"
import { UserId } from "../../shared/Actor"
import { Uuid } from "../../shared/Ids"
import { SingleLineText } from "../../shared/Text"

export const CollectionId = Uuid.pipe(Schema.brand("CollectionId"))
export type CollectionId = typeof CollectionId.Type

/** Schemas of the fields that a user provides. */
export const CollectionFields = {
  name: SingleLineText(1, 200),
  icon: Schema.NullOr(SingleLineText(1, 200)),
}

/** A named set of a user's documents. A document may be in several. */
export const Collection = Schema.Struct({
  id: CollectionId,
  userId: UserId,
  name: Schema.String,
  /** An emoji, or a name or URL that the front end understands. */
  icon: Schema.NullOr(Schema.String),
  documentCount: Schema.Int,
  createdAt: Schema.DateFromSelf,
  updatedAt: Schema.DateFromSelf,
})
export type Collection = typeof Collection.Type

export type NewCollection = Pick<Collection, "name"> & Partial<Pick<Collection, "icon">>
export type CollectionChange = Partial<NewCollection>
