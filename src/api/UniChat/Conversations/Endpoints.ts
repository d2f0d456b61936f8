import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { AssistantId } from "../../../domain/assistants/Assistants/Model"
import {
  type Conversation,
  ConversationId,
  ConversationSort,
  FolderId,
  MessageId,
  Tags,
  Title,
} from "../../../domain/conversations/Conversations/Model"
import { NonEmptyText } from "../../../domain/shared/Text"
import { Authenticated } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import { encodeOnly, Fields, nullish, optionalRenamed, renamed } from "../../../http/Fields"
import { BooleanParam, IntParam, OptionalTextParam } from "../../../http/Params"
import { body, bodyOf, messageBody } from "../Body"
import { errors } from "../Errors"
import { pageFields, pageParams } from "../Paging"
import { ConversationBody, conversationExample, MessageBody } from "./Body"
import { ConversationExport } from "./Export"

const id = HttpApiSchema.param(
  "id",
  ConversationId.annotations({ description: "The conversation's id", ...example(conversationExample.id) }),
)
const singleResponse = bodyOf("The conversation", "conversation", ConversationBody)

const folderDescription = "The folder's id, chosen by the client; null for no folder"

const Query = NonEmptyText.annotations({
  ...example("authentication"),
  jsonSchema: {
    type: "string",
    minLength: 1,
    description: "Literal text to find, case-insensitive",
  },
})

const MessageMatch = Schema.Struct({
  id: MessageId,
  conversationId: renamed("conversation_id", ConversationId),
  role: Schema.Literal("user", "assistant"),
  content: Schema.String,
  createdAt: renamed("created_at", Schema.Date),
}).annotations({
  identifier: "MessageMatch",
  ...example({
    id: "019bc0f1-2b8a-7c3a-9d52-edaf77ae6ed0",
    conversation_id: conversationExample.id,
    role: "user",
    content: "How do I implement JWT authentication?",
    created_at: "2026-01-15T09:40:30.000Z",
  }),
})

export const endpoints = HttpApiGroup.make("conversations")
  .add(
    HttpApiEndpoint.get("listConversations", "/api/conversations")
      .setUrlParams(
        Fields({
          ...pageParams(20),
          folderId: OptionalTextParam("Only conversations in this folder").pipe(Schema.fromKey("folder_id")),
          archived: BooleanParam(
            false,
            "`true` for archived conversations only, `false` for active ones only",
          ),
          search: OptionalTextParam("Only conversations whose title contains this text"),
          sort: Schema.optionalWith(ConversationSort, { default: () => "last_message_at" }).annotations({
            description: "Sort order: newest first, most messages first, or by title",
          }),
        }),
      )
      .addSuccess(body("A page of conversations", pageFields("conversations", ConversationBody)))
      .annotate(OpenApi.Summary, "List conversations")
      .annotate(OpenApi.Description, "Returns a page of the caller's conversations, pinned ones first."),
  )
  .add(
    HttpApiEndpoint.get("searchConversations", "/api/conversations/search")
      .setUrlParams(Fields({ ...pageParams(100), q: Query }))
      .addSuccess(
        body("A page of conversations", {
          ...pageFields("conversations", ConversationBody),
          q: renamed("query", Schema.String.annotations(example("authentication"))),
        }),
      )
      .annotate(OpenApi.Summary, "Search titles")
      .annotate(
        OpenApi.Description,
        "Returns a page of the caller's conversations whose title contains the text, archived or not, newest first.",
      ),
  )
  .add(
    HttpApiEndpoint.get("searchMessages", "/api/conversations/search/messages")
      .setUrlParams(
        Fields({
          q: Query,
          limit: IntParam(Schema.Int.pipe(Schema.between(1, 100)), 50, {
            maximum: 100,
            description: "Maximum number of results",
          }),
        }),
      )
      .addSuccess(
        body("The matching messages", {
          results: Schema.Array(MessageMatch),
          query: Schema.String.annotations(example("authentication")),
          total: Schema.Int.annotations({ description: "Number of results returned", ...example(1) }),
        }),
      )
      .annotate(OpenApi.Summary, "Search messages")
      .annotate(
        OpenApi.Description,
        "Returns messages that contain the text, from all of the caller's conversations, newest first.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getConversation")`/api/conversations/${id}`
      .addSuccess(
        body("The conversation and its messages", {
          conversation: ConversationBody,
          messages: Schema.Array(MessageBody),
        }),
      )
      .addError(errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "Get a conversation")
      .annotate(OpenApi.Description, "Returns the conversation with all its messages, oldest first."),
  )
  .add(
    HttpApiEndpoint.post("createConversation", "/api/conversations")
      .setPayload(
        Fields({
          assistantId: optionalRenamed("config_id", Schema.NullOr(AssistantId)).annotations({
            description: "The config that answers",
          }),
          title: nullish(Title, "Defaults to a title generated after the first answer"),
          folderId: optionalRenamed("folder_id", Schema.NullOr(FolderId)).annotations({
            description: folderDescription,
          }),
        }).annotations(
          example({
            config_id: conversationExample.config_id,
            title: conversationExample.title,
            folder_id: conversationExample.folder_id,
          }),
        ),
      )
      .addSuccess(singleResponse, { status: 201 })
      .addError(errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Create a conversation")
      .annotate(
        OpenApi.Description,
        "Creates an empty conversation. Folders have no endpoints: `folder_id` is any id that the client chooses.",
      ),
  )
  .add(
    HttpApiEndpoint.put("updateConversation")`/api/conversations/${id}`
      .setPayload(
        Fields({
          title: optionalRenamed("title", Title).annotations({ description: "1 to 200 characters" }),
          folderId: optionalRenamed("folder_id", Schema.NullOr(FolderId)).annotations({
            description: folderDescription,
          }),
          tags: optionalRenamed("tags", Tags).annotations({
            description: "At most 20; replaces the previous tags",
          }),
          isPinned: optionalRenamed("is_pinned", Schema.Boolean).annotations({
            description: "Whether it is pinned: pinned conversations are listed first",
          }),
          isArchived: optionalRenamed("is_archived", Schema.Boolean).annotations({
            description: "Whether it is archived",
          }),
        }).annotations(example({ tags: ["development", "security"], is_pinned: true })),
      )
      .addSuccess(singleResponse)
      .addError(errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "Update a conversation")
      .annotate(
        OpenApi.Description,
        "Changes the fields that are present; a `folder_id` of null removes it from its folder.",
      ),
  )
  .add(
    HttpApiEndpoint.del("deleteConversation")`/api/conversations/${id}`
      .addSuccess(messageBody("Conversation deleted"))
      .addError(errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "Delete a conversation")
      .annotate(
        OpenApi.Description,
        "Deletes the conversation with all its messages, and stops an answer that is being generated.",
      ),
  )
  .add(
    HttpApiEndpoint.post("archiveConversation")`/api/conversations/${id}/archive`
      .addSuccess(
        encodeOnly(
          Schema.Struct({
            message: Schema.Literal("Archived", "Unarchived"),
            isArchived: renamed("is_archived", Schema.Boolean),
          }),
          ({ isArchived }: Pick<Conversation, "isArchived">) => ({
            message: isArchived ? ("Archived" as const) : ("Unarchived" as const),
            isArchived,
          }),
        ).annotations({ description: "The new state" }),
      )
      .addError(errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "Toggle archived")
      .annotate(OpenApi.Description, "Archives the conversation, or unarchives it if it is archived."),
  )
  .add(
    HttpApiEndpoint.get("exportConversation")`/api/conversations/${id}/export`
      .setUrlParams(
        Fields({
          format: Schema.optionalWith(Schema.Literal("json", "markdown"), {
            default: () => "markdown",
          }).annotations({ description: "`markdown` to read, `json` to process" }),
          metadata: BooleanParam(true, "Whether to include models, tokens and times"),
        }),
      )
      .addSuccess(
        Schema.String.pipe(
          HttpApiSchema.withEncoding({ kind: "Text", contentType: "text/markdown" }),
        ).annotations({
          description: "The conversation as a file in the requested format",
          ...example("# How to implement JWT auth\n\n## User\n\nHow do I implement JWT authentication?\n"),
        }),
      )
      .addSuccess(ConversationExport)
      .addError(errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "Export a conversation")
      .annotate(
        OpenApi.Description,
        "Returns a file in Markdown or JSON; `Content-Disposition` names it `conversation_<title>_<date>`.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Conversations")
  .annotate(OpenApi.Description, "Create, list, search, archive and export conversations.")
