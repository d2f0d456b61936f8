import { Effect } from "effect"
import type { Attachment } from "../../conversations/Conversations/Model"
import type { Files } from "../../files/Files"
import type { FileId, StoredFile } from "../../files/Files/Model"
import type { Actor } from "../../shared/Actor"

/** A file to attach to a message: an existing one of the actor's, or a new one as a base64 data URI. */
export type NewAttachment =
  | { readonly fileId: FileId }
  | { readonly dataUri: string; readonly name?: string | undefined }

/** The text of a message and what is attached to it. */
export interface NewMessage {
  readonly content: string
  readonly attachments?: ReadonlyArray<NewAttachment>
}

const toAttachment = ({ id, name, mediaType, size }: StoredFile): Attachment => ({
  fileId: id,
  kind: mediaType.startsWith("image/") ? "image" : "file",
  name,
  mediaType,
  size,
})

/**
 * Stores the new files among these attachments. Returns all as attachments of a message, and the ids of
 * the new files, which the caller attaches to a conversation or deletes. Stores none if one is invalid.
 */
export const storeAttachments = Effect.fnUntraced(function* (
  files: Files,
  actor: Actor,
  inputs: ReadonlyArray<NewAttachment>,
) {
  const newFiles: Array<FileId> = []
  const resolve = Effect.fnUntraced(function* (input: NewAttachment) {
    if ("fileId" in input) return yield* files.getForModel(actor, input.fileId)
    const file = yield* files.storeDataUri(actor, input.dataUri, input.name)
    newFiles.push(file.id)
    return file
  })
  const resolved = yield* Effect.forEach(inputs, resolve).pipe(
    Effect.onError(() => files.remove(actor, newFiles)),
  )
  return { attachments: resolved.map(toAttachment), newFiles }
})
