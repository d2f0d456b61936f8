import { Effect, Option } from "effect"
import type { Attachment, ChatMessage } from "../../conversations/Conversations/Model"
import { Files } from "../../files/Files"
import type { FilePart, ModelMessage } from "../../models/LanguageModel"
import type { Actor } from "../../shared/Actor"

/** Loads the contents of attached files into the messages sent to a model. */
export class AttachmentLoader extends Effect.Service<AttachmentLoader>()("AttachmentLoader", {
  effect: Effect.gen(function* () {
    const files = yield* Files

    /** Loads one attachment; None when the file was deleted. */
    const loadAttachment = (actor: Actor, { fileId, kind, name, mediaType }: Attachment) =>
      Effect.map(
        Effect.option(files.read(actor, fileId)),
        Option.map(({ bytes }): FilePart => ({ kind, name, mediaType, bytes })),
      )

    const loadMessage = (actor: Actor, message: ChatMessage) =>
      Effect.map(
        Effect.forEach(message.attachments, (attachment) => loadAttachment(actor, attachment), {
          concurrency: 4,
        }),
        (parts): ModelMessage => ({ ...message, files: parts.flatMap(Option.toArray) }),
      )

    /**
     * Returns the messages with the contents of their attachments, omitting deleted files. Returns its
     * input when no message has an attachment, so that plain text costs nothing.
     */
    const withAttachments = (
      actor: Actor,
      messages: ReadonlyArray<ChatMessage>,
    ): Effect.Effect<ReadonlyArray<ModelMessage>> =>
      messages.every(({ attachments }) => attachments.length === 0)
        ? Effect.succeed(messages)
        : Effect.forEach(messages, (message) => loadMessage(actor, message))

    return { withAttachments }
  }),
}) {}
