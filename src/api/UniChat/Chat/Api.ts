import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { ParseResult, Schema } from "effect"
import { AssistantId } from "../../../domain/assistants/Assistants/Model"
import { ConversationId, MessageId, Prompt } from "../../../domain/conversations/Conversations/Model"
import { FileId } from "../../../domain/files/Files/Model"
import { BodyLimit, bodyWithFiles, Limits } from "../../../http/Annotations"
import { Fields, named, optional, optionalNamed } from "../../../http/Fields"
import { limits } from "../../../http/RateLimitPolicy"
import { SignedIn } from "../Authentication"
import { answer, Said } from "../Body"
import { MessageBody } from "../Conversations/Body"
import * as Errors from "../Errors"
import { listed, paging } from "../Paging"

const dataUri = /^data:/i

const part = (description: string) => optional(Schema.String.annotations({ description }))

/** A file as clients send it: its id, a data URI, or an object with either. */
const Attached = Schema.Union(
  Schema.String,
  Schema.Struct({
    id: part("The id of a file that is there already"),
    file_id: part("The same as `id`"),
    data: part("A file as a data URI, in base64"),
    url: part("The same as `data`"),
    name: part("What the file is called"),
    filename: part("The same as `name`"),
  }),
).annotations({
  description:
    "The id of a file, a data URI in base64, or an object with one of them as `id` or `data`, and a `name`",
})

const NewAttachment = Schema.Union(
  Schema.Struct({ fileId: FileId }),
  Schema.Struct({ dataUri: Schema.String, name: optional(Schema.String) }),
)

const Attachment = Schema.transformOrFail(Attached, NewAttachment, {
  strict: true,
  decode: (sent, _, ast) => {
    const fields = typeof sent === "string" ? { [dataUri.test(sent) ? "data" : "id"]: sent } : sent
    const { id = fields.file_id, data = fields.url, name = fields.filename } = fields
    if (data !== undefined && dataUri.test(data)) {
      return ParseResult.succeed({ dataUri: data, ...(name === undefined ? {} : { name }) })
    }
    return id === undefined
      ? ParseResult.fail(
          new ParseResult.Type(ast, sent, "must name a file by its id, or hold it as a data URI"),
        )
      : ParseResult.succeed({ fileId: FileId.make(id) })
  },
  encode: (attachment) =>
    ParseResult.succeed("fileId" in attachment ? attachment.fileId : attachment.dataUri),
})

/** What a message is sent with, by HTTP and by socket. */
export const Sending = Fields({
  conversationId: Schema.optional(Schema.NullOr(ConversationId))
    .pipe(Schema.fromKey("conversation_id"))
    .annotations({ description: "Where to say it; left out or null, in a new conversation" }),
  assistantId: named(
    "config_id",
    AssistantId.pipe(Schema.minLength(1, { message: () => "must not be empty" })),
  ).annotations({ description: "The config that is to answer" }),
  content: named("message", Prompt).annotations({ description: "What to say" }),
  attachments: optionalNamed(
    "attachments",
    Schema.Array(Attachment).pipe(Schema.maxItems(10, { message: () => "must be at most 10 attachments" })),
  ).annotations({ description: "Pictures and files to go with it, at most 10" }),
})

const messageId = HttpApiSchema.param("id", MessageId.annotations({ description: "The message's id" }))
const conversationId = HttpApiSchema.param(
  "conversation_id",
  ConversationId.annotations({ description: "The conversation's id" }),
)

export const chat = HttpApiGroup.make("chat")
  .add(
    HttpApiEndpoint.post("sendMessage", "/api/chat/send")
      .setPayload(Sending)
      .addSuccess(
        answer("What was said, and the answer to it", {
          conversation_id: Schema.String,
          user_message: MessageBody,
          assistant_message: MessageBody,
          is_new_conversation: Schema.Boolean,
        }),
      )
      .addError(Errors.AssistantNotFound)
      .addError(Errors.ConversationNotFound)
      .addError(Errors.TokenLimitReached)
      .addError(Errors.AnswerFailed)
      .addError(Errors.ShuttingDown)
      .addError(Errors.FileNotFound)
      .addError(Errors.FileRefused)
      .addError(Errors.StorageFailed)
      .annotate(BodyLimit, bodyWithFiles)
      .annotate(OpenApi.Summary, "Send a message and wait for the answer")
      .annotate(
        OpenApi.Description,
        "Without `conversation_id` it begins a new conversation. The answer is written to its end even if nobody waits for it; to see it grow, use Socket.IO.",
      ),
  )
  .add(
    HttpApiEndpoint.get("chatMessages")`/api/chat/${conversationId}/messages`
      .setUrlParams(Fields(paging(100)))
      .addSuccess(answer("A page of the messages", { messages: Schema.Array(MessageBody), ...listed }))
      .addError(Errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "List a conversation's messages")
      .annotate(OpenApi.Description, "Oldest first."),
  )
  .add(
    HttpApiEndpoint.del("deleteMessage")`/api/chat/messages/${messageId}`
      .addSuccess(Said)
      .addError(Errors.MessageNotFound)
      .annotate(OpenApi.Summary, "Delete a message")
      .annotate(OpenApi.Description, "This one alone. If it is being written, the writing stops."),
  )
  .add(
    HttpApiEndpoint.put("editMessage")`/api/chat/messages/${messageId}`
      .setPayload(
        Fields({
          content: Schema.propertySignature(Prompt).annotations({ description: "What it is to say" }),
          regenerate: optional(Schema.Boolean).annotations({
            description: "Whether it is answered anew; not, when left out",
          }),
        }),
      )
      .addSuccess(
        answer("The message as it is now, and the new answer, if one was wanted", {
          message: MessageBody,
          deletedCount: named("deleted_count", Schema.Int),
          assistantMessage: optionalNamed("assistant_message", MessageBody),
        }),
      )
      .addError(Errors.MessageNotFound)
      .addError(Errors.WrongMessage)
      .addError(Errors.TokenLimitReached)
      .addError(Errors.AnswerFailed)
      .addError(Errors.ShuttingDown)
      .annotate(OpenApi.Summary, "Edit a user's message")
      .annotate(
        OpenApi.Description,
        "What it said before is kept in `edit_history`. With `regenerate` the messages after it go, `deleted_count` of them, and it is answered again.",
      ),
  )
  .add(
    HttpApiEndpoint.post("regenerateMessage")`/api/chat/regenerate/${messageId}`
      .addSuccess(
        answer("The new answer", { message: MessageBody, deletedCount: named("deleted_count", Schema.Int) }),
      )
      .addError(Errors.MessageNotFound)
      .addError(Errors.WrongMessage)
      .addError(Errors.TokenLimitReached)
      .addError(Errors.AnswerFailed)
      .addError(Errors.ShuttingDown)
      .annotate(OpenApi.Summary, "Regenerate an assistant's message")
      .annotate(
        OpenApi.Description,
        "A new message takes the place of this one; what came after it goes, `deleted_count` messages in all.",
      ),
  )
  .middleware(SignedIn)
  .annotate(Limits, limits.chat)
  .annotate(OpenApi.Title, "Chat")
  .annotate(OpenApi.Description, "Prompts and answers.")
