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

/** What goes with messages. */
export class Attachments extends Effect.Service<Attachments>()("Attachments", {
  effect: Effect.gen(function* () {
    const files = yield* Files

    /**
     * Keeps new files, and begins a run with them. They belong to its conversation and go with it;
     * if there is no run, they go at once.
     */
    const attach = <E, R, Begun extends { readonly run: { readonly conversationId: ConversationId } }>(
      actor: Actor,
      given: ReadonlyArray<NewAttachment>,
      begin: (attached: ReadonlyArray<Attachment>) => Effect.Effect<Begun, E, R>,
    ) =>
      Effect.gen(function* () {
        const stored: Array<FileId> = []
        const one = Effect.fnUntraced(function* (attachment: NewAttachment) {
          if ("fileId" in attachment) return yield* files.get(actor, attachment.fileId)
          const file = yield* files.storeDataUri(actor, attachment.dataUri, attachment.name)
          stored.push(file.id)
          return file
        })
        const begun = yield* Effect.forEach(given, one).pipe(
          Effect.flatMap((found) => begin(found.map(toAttachment))),
          Effect.onError(() => files.remove(actor, stored)),
        )
        if (stored.length > 0) yield* files.bind(actor, stored, begun.run.conversationId)
        return begun
      })

    return { with: attach }
  }),
}) {}
