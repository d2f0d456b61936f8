import { Context, Schema } from "effect"
import type { UserId } from "../../shared/Actor"
import { Uuid } from "../../shared/Ids"

/** A file's id: a UUID, version 7. */
export const FileId = Uuid.pipe(Schema.brand("FileId"))
export type FileId = typeof FileId.Type

export interface StoredFile {
  readonly id: FileId
  readonly ownerId: UserId
  readonly name: string
  /** Detected from the content, not taken from the client. */
  readonly mediaType: string
  /** In bytes. */
  readonly size: number
  readonly createdAt: Date
}

/** Maximum size of one file, in bytes. */
export class MaxFileSize extends Context.Reference<MaxFileSize>()("MaxFileSize", {
  defaultValue: () => 20 * 1024 * 1024,
}) {}
