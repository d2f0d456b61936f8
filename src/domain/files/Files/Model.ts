import { Schema } from "effect"
import { UserId } from "../../shared/Actor"
import { Uuid } from "../../shared/Ids"

/** A file's id: a UUID, version 7. */
export const FileId = Uuid.pipe(Schema.brand("FileId"))
export type FileId = typeof FileId.Type

export const StoredFile = Schema.Struct({
  id: FileId,
  ownerId: UserId,
  name: Schema.String,
  /** Images and PDF are detected from the content; other types may be what the client declared. */
  mediaType: Schema.String,
  /** In bytes. */
  size: Schema.Int,
  createdAt: Schema.DateFromSelf,
})
export type StoredFile = typeof StoredFile.Type
