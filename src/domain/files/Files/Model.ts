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
  /** Found out by what the file holds, not by what was said of it. */
  readonly mediaType: string
  /** In bytes. */
  readonly size: number
  readonly createdAt: Date
}

/** The most that one file may hold, in bytes. */
export class LargestFile extends Context.Reference<LargestFile>()("LargestFile", {
  defaultValue: () => 20 * 1024 * 1024,
}) {}
