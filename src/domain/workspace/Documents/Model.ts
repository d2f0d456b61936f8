import { Schema } from "effect"
import { UserId } from "../../shared/Actor"
import { Uuid } from "../../shared/Ids"
import { SingleLineText, Text } from "../../shared/Text"

export const DocumentId = Uuid.pipe(Schema.brand("DocumentId"))
export type DocumentId = typeof DocumentId.Type

/** Maximum size of a document's content in UTF-8, in bytes. */
export const MAX_CONTENT_BYTES = 1_048_576

/** Schemas of the fields that a user provides. */
export const DocumentFields = {
  title: SingleLineText(1, 300),
  content: Text.pipe(
    Schema.filter(
      (text) =>
        Buffer.byteLength(text) <= MAX_CONTENT_BYTES || `must be at most ${MAX_CONTENT_BYTES} bytes long`,
      { jsonSchema: { type: "string", maxLength: MAX_CONTENT_BYTES } },
    ),
  ),
  type: SingleLineText(1, 50),
  tags: Schema.Array(SingleLineText(1, 50)).pipe(
    Schema.maxItems(20, { message: () => "must be at most 20 tags" }),
  ),
}

/** A text in a user's library, as lists show it. */
export const DocumentSummary = Schema.Struct({
  id: DocumentId,
  userId: UserId,
  title: Schema.String,
  /** A word that the front end chooses, such as `note`. */
  type: Schema.String,
  tags: Schema.Array(Schema.String),
  createdAt: Schema.DateFromSelf,
  updatedAt: Schema.DateFromSelf,
})
export type DocumentSummary = typeof DocumentSummary.Type

export const Document = Schema.Struct({ ...DocumentSummary.fields, content: Schema.String })
export type Document = typeof Document.Type

export type NewDocument = Pick<Document, "title" | "content"> & Partial<Pick<Document, "type" | "tags">>
export type DocumentChange = Partial<NewDocument>
