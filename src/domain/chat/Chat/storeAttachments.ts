import { Effect } from "effect"
import type { Attachment, ConversationId } from "../../conversations/Conversations/Model"
import { Files } from "../../files/Files"
import type { FileId, StoredFile } from "../../files/Files/Model"
import type { Actor } from "../../shared/Actor"
import type { NewAttachment } from "./Model"

const toAttachment = ({ id, name, mediaType, size }: StoredFile): Attachment => ({
  fileId: id,
  kind: mediaType.startsWith("image/") ? "image" : "file",
  name,
  mediaType,
  size,
})

/** Attaches files to messages. */
export class Attachments extends Effect.Service<Attachments>()("Attachments", {
  effect: Effect.gen(function* () {
    const files = yield* Files

    /**
     * Stores new attachments and starts a generation with them. They then belong to its conversation and
     * are deleted with it; if the generation cannot start, they are deleted immediately.
     */
    const withStored = <
      E,
      R,
      Started extends { readonly generation: { readonly conversationId: ConversationId } },
    >(
      actor: Actor,
      attachments: ReadonlyArray<NewAttachment>,
      start: (attachments: ReadonlyArray<Attachment>) => Effect.Effect<Started, E, R>,
    ) =>
      Effect.gen(function* () {
        const stored: Array<FileId> = []
        const resolve = Effect.fnUntraced(function* (attachment: NewAttachment) {
          if ("fileId" in attachment) return yield* files.get(actor, attachment.fileId)
          const file = yield* files.storeDataUri(actor, attachment.dataUri, attachment.name)
          stored.push(file.id)
          return file
        })
        const started = yield* Effect.forEach(attachments, resolve).pipe(
          Effect.flatMap((resolved) => start(resolved.map(toAttachment))),
          Effect.onError(() => files.remove(actor, stored)),
        )
        if (stored.length > 0)
          yield* files.attachToConversation(actor, stored, started.generation.conversationId)
        return started
      })

    return { withStored }
  }),
}) {}
