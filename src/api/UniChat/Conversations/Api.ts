import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { AssistantId } from "../../../domain/assistants/Assistants/Model"
import {
  ConversationId,
  ConversationSort,
  FolderId,
  Tags,
  Title,
} from "../../../domain/conversations/Conversations/Model"
import { NonEmptyText } from "../../../domain/shared/Text"
import { Fields, named, optionalNamed, orNull } from "../../../http/Fields"
import { BooleanParam, FilterParam, Timestamp, WholeParam } from "../../../http/Params"
import { SignedIn } from "../Authentication"
import { answer, Said } from "../Body"
import * as Errors from "../Errors"
import { listed, paging } from "../Paging"
import { ConversationBody, MessageBody } from "./Body"

const id = HttpApiSchema.param("id", ConversationId.annotations({ description: "The conversation's id" }))
const one = answer("The conversation", { conversation: ConversationBody })

const inFolder = "The folder it is in, by an id of the caller's making; null: none"

const Query = NonEmptyText.annotations({
  jsonSchema: {
    type: "string",
    minLength: 1,
    description: "Text to find as it stands, in upper or lower case",
  },
})

const FoundMessage = Schema.Struct({
  id: Schema.String,
  conversation_id: Schema.String,
  role: Schema.Literal("user", "assistant"),
  content: Schema.String,
  created_at: Timestamp,
})

export const conversations = HttpApiGroup.make("conversations")
  .add(
    HttpApiEndpoint.get("listConversations", "/api/conversations")
      .setUrlParams(
        Fields({
          ...paging(20),
          folderId: FilterParam("Only what is in this folder").pipe(Schema.fromKey("folder_id")),
          archived: BooleanParam(false, "`true`: what is put away, `false`: the rest"),
          search: FilterParam("Only titles with this text in them"),
          sort: Schema.optionalWith(ConversationSort, { default: () => "last_message_at" }).annotations({
            description: "By what they are listed: the latest, the longest, or by title",
          }),
        }),
      )
      .addSuccess(
        answer("A page of conversations", { conversations: Schema.Array(ConversationBody), ...listed }),
      )
      .annotate(OpenApi.Summary, "List conversations")
      .annotate(OpenApi.Description, "A page of the caller's conversations, pinned ones first."),
  )
  .add(
    HttpApiEndpoint.get("searchConversations", "/api/conversations/search")
      .setUrlParams(Fields({ ...paging(100), q: Query }))
      .addSuccess(
        answer("A page of conversations", {
          conversations: Schema.Array(ConversationBody),
          query: Schema.String,
          ...listed,
        }),
      )
      .annotate(OpenApi.Summary, "Search titles")
      .annotate(
        OpenApi.Description,
        "A page of the caller's conversations with this text in their titles, archived or not, the latest first.",
      ),
  )
  .add(
    HttpApiEndpoint.get("searchMessages", "/api/conversations/search/messages")
      .setUrlParams(
        Fields({
          q: Query,
          limit: WholeParam(Schema.Int.pipe(Schema.between(1, 100)), 50, {
            maximum: 100,
            description: "Most results",
          }),
        }),
      )
      .addSuccess(
        answer("The messages that were found", {
          results: Schema.Array(FoundMessage),
          query: Schema.String,
          total: Schema.Int.annotations({ description: "How many results these are" }),
        }),
      )
      .annotate(OpenApi.Summary, "Search messages")
      .annotate(
        OpenApi.Description,
        "What was said with this text in it, in all of the caller's conversations, the latest first.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getConversation")`/api/conversations/${id}`
      .addSuccess(
        answer("The conversation and its messages", {
          conversation: ConversationBody,
          messages: Schema.Array(MessageBody),
        }),
      )
      .addError(Errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "Get a conversation")
      .annotate(OpenApi.Description, "With all its messages, oldest first."),
  )
  .add(
    HttpApiEndpoint.post("createConversation", "/api/conversations")
      .setPayload(
        Fields({
          assistantId: optionalNamed("config_id", Schema.NullOr(AssistantId)).annotations({
            description: "The config it is held with",
          }),
          title: orNull(Title, "Left out, the model finds one after its first answer"),
          folderId: optionalNamed("folder_id", Schema.NullOr(FolderId)).annotations({
            description: inFolder,
          }),
        }),
      )
      .addSuccess(one, { status: 201 })
      .addError(Errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Create a conversation")
      .annotate(
        OpenApi.Description,
        "An empty one. Folders have no endpoints: any id that the caller's front end makes will do.",
      ),
  )
  .add(
    HttpApiEndpoint.put("updateConversation")`/api/conversations/${id}`
      .setPayload(
        Fields({
          title: optionalNamed("title", Title).annotations({ description: "1 to 200 characters" }),
          folderId: optionalNamed("folder_id", Schema.NullOr(FolderId)).annotations({
            description: inFolder,
          }),
          tags: optionalNamed("tags", Tags).annotations({
            description: "At most 20, in place of those it had",
          }),
          isPinned: optionalNamed("is_pinned", Schema.Boolean).annotations({
            description: "Whether it is listed before the others",
          }),
          isArchived: optionalNamed("is_archived", Schema.Boolean).annotations({
            description: "Whether it is put away",
          }),
        }),
      )
      .addSuccess(one)
      .addError(Errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "Update a conversation")
      .annotate(OpenApi.Description, "Changes what is given; `folder_id` null takes it out of its folder."),
  )
  .add(
    HttpApiEndpoint.del("deleteConversation")`/api/conversations/${id}`
      .addSuccess(Said)
      .addError(Errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "Delete a conversation")
      .annotate(OpenApi.Description, "With all its messages. An answer that is being written stops."),
  )
  .add(
    HttpApiEndpoint.post("archiveConversation")`/api/conversations/${id}/archive`
      .addSuccess(
        answer("Whether it is put away now", {
          message: Schema.Literal("Archived", "Unarchived"),
          isArchived: named("is_archived", Schema.Boolean),
        }),
      )
      .addError(Errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "Archive or unarchive")
      .annotate(OpenApi.Description, "Puts the conversation away, or takes it out again if it was."),
  )
  .add(
    HttpApiEndpoint.get("exportConversation")`/api/conversations/${id}/export`
      .setUrlParams(
        Fields({
          format: Schema.optionalWith(Schema.Literal("json", "markdown"), {
            default: () => "markdown",
          }).annotations({ description: "`markdown` to be read, `json` for programs" }),
          metadata: BooleanParam(true, "Whether models, tokens and times are told"),
        }),
      )
      .addSuccess(
        Schema.String.pipe(
          HttpApiSchema.withEncoding({ kind: "Text", contentType: "text/markdown" }),
        ).annotations({ description: "The conversation as a file, in the format that was asked for" }),
      )
      .addSuccess(
        Schema.Struct({
          conversation: ConversationBody,
          messages: Schema.Array(MessageBody),
          exported_at: Timestamp,
        }),
      )
      .addError(Errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "Export a conversation")
      .annotate(
        OpenApi.Description,
        "As a file, in Markdown or JSON: `Content-Disposition` names it `conversation_<title>_<date>`.",
      ),
  )
  .middleware(SignedIn)
  .annotate(OpenApi.Title, "Conversations")
  .annotate(OpenApi.Description, "Keeping, finding and taking out what was said.")
