import { Effect, Option } from "effect"
import type { Attachment } from "../../conversations/Conversations/Model"
import type { Files } from "../../files/Files"
import type { FilePart, ModelMessage } from "../../models/LanguageModel"
import type { Actor } from "../../shared/Actor"
import type { StoredMessage } from "./ActiveGeneration"

/** Loads one attachment; None when the file was deleted. */
const loadAttachment = (files: Files, actor: Actor, { fileId, kind, name, mediaType }: Attachment) =>
  Effect.map(
    Effect.option(files.read(actor, fileId)),
    Option.map(({ bytes }): FilePart => ({ kind, name, mediaType, bytes })),
  )

/**
 * Returns the messages with the contents of their attachments, omitting deleted files. Returns its
 * input when no message has an attachment, so that plain text costs nothing.
 */
export const loadAttachments = (
  files: Files,
  actor: Actor,
  messages: ReadonlyArray<StoredMessage>,
): Effect.Effect<ReadonlyArray<ModelMessage>> =>
  messages.every(({ attachments }) => attachments.length === 0)
    ? Effect.succeed(messages)
    : Effect.forEach(messages, (message) =>
        Effect.map(
          Effect.forEach(message.attachments, (each) => loadAttachment(files, actor, each), {
            concurrency: 4,
          }),
          (parts): ModelMessage => ({ ...message, files: parts.flatMap(Option.toArray) }),
        ),
      )
