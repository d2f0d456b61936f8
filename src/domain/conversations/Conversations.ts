import { SqlClient } from "@effect/sql"
import { DateTime, Effect, type Option } from "effect"
import type { AssistantId } from "../assistants/Assistants/Model"
import type { Actor } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import type { OffsetLimit } from "../shared/Page"
import { withTransaction } from "../shared/Transaction"
import { AdminConversations } from "./Conversations/AdminConversations"
import { EditsRepo } from "./Conversations/EditsRepo"
import { ConversationNotFound, MessageNotFound } from "./Conversations/Errors"
import { ListRepo } from "./Conversations/ListRepo"
import { MessagesRepo } from "./Conversations/MessagesRepo"
import { MessagesWithMetadataRepo } from "./Conversations/MessagesWithMetadataRepo"
import {
  type ArenaSessionId,
  type Conversation,
  type ConversationChange,
  ConversationId,
  defaultTitle,
  type MessageFilter,
  type MessageId,
  type NewConversation,
} from "./Conversations/Model"
import { ConversationsRepo } from "./Conversations/Repo"
import { SearchRepo } from "./Conversations/SearchRepo"

/** Manages conversations between a user and a model, and their messages. */
export class Conversations extends Effect.Service<Conversations>()("Conversations", {
  dependencies: [
    ConversationsRepo.Default,
    ListRepo.Default,
    SearchRepo.Default,
    MessagesRepo.Default,
    MessagesWithMetadataRepo.Default,
    EditsRepo.Default,
    AdminConversations.Default,
  ],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const conversations = yield* ConversationsRepo
    const lists = yield* ListRepo
    const search = yield* SearchRepo
    const messages = yield* MessagesRepo
    const messagesWithMetadataRepo = yield* MessagesWithMetadataRepo
    const edits = yield* EditsRepo
    const adminConversations = yield* AdminConversations
    const ids = yield* IdGenerator

    const orNotFound = <A>(row: Option.Option<A>) => Effect.mapError(row, () => new ConversationNotFound())
    const orMessageNotFound = <A>(row: Option.Option<A>) => Effect.mapError(row, () => new MessageNotFound())

    const newConversation = Effect.fnUntraced(function* (actor: Actor, input: NewConversation) {
      const conversation: Conversation = {
        id: ConversationId.make(yield* ids.generate),
        userId: actor.userId,
        title: input.title ?? defaultTitle,
        hasTitle: input.title !== undefined,
        assistantId: input.assistantId ?? null,
        folderId: input.folderId ?? null,
        tags: [],
        isPinned: false,
        isArchived: false,
        messageCount: 0,
        lastMessageAt: null,
        inputTokens: 0,
        outputTokens: 0,
        createdAt: yield* DateTime.nowAsDate,
      }
      return conversation
    })

    /**
     * Returns the actor's existing conversation without messages unchanged, or else creates one with
     * this title. Concurrent calls all get the same one.
     */
    const getOrCreateEmpty = Effect.fn("Conversations.getOrCreateEmpty")(function* (
      actor: Actor,
      title?: string,
    ) {
      yield* conversations.lockEmptySlot(actor)
      const existing = yield* conversations.findEmpty(actor)
      if (existing._tag === "Some") return { conversation: existing.value, created: false }
      const conversation = yield* newConversation(actor, title === undefined ? {} : { title })
      yield* conversations.insert(conversation)
      return { conversation, created: true }
    }, transaction)

    /** Lists all of the actor's conversations, newest first. */
    const list = Effect.fn("Conversations.list")(conversations.list)

    const get = Effect.fn("Conversations.get")((actor: Actor, id: ConversationId) =>
      Effect.flatMap(conversations.find(actor, id), orNotFound),
    )

    /** Returns a page of a conversation's messages, oldest first, with the number of all that match. */
    const listMessages = Effect.fn("Conversations.messages")(
      (
        actor: Actor,
        id: ConversationId,
        query: MessageFilter & { readonly page: number; readonly limit: number },
      ) => {
        const { page, limit, ...filter } = query
        const unfiltered = Object.values(filter).every((value) => value === undefined)
        const result = unfiltered
          ? messages.page(actor, id, { page, limit })
          : messages.filtered(actor, id, filter, { page, limit })
        return Effect.flatMap(result, orNotFound)
      },
    )

    /** Creates a conversation without messages. Without a title, the model generates one later. */
    const create = Effect.fn("Conversations.create")(function* (actor: Actor, input: NewConversation) {
      const conversation = yield* newConversation(actor, input)
      yield* conversations.insert(conversation)
      return conversation
    })

    /** Lists a range of the actor's conversations that match the filter, pinned ones first. */
    const page = Effect.fn("Conversations.page")(lists.page)

    /** Lists a range of the conversations with the text in their titles, most recently active first. */
    const searchTitles = Effect.fn("Conversations.searchTitles")(lists.searchTitles)

    /** Finds the actor's messages that contain the text, in all conversations, latest first. */
    const searchMessages = Effect.fn("Conversations.searchMessages")(search.messages)

    /** Lists a range of a conversation's messages with attachments, edits and metadata, oldest first. */
    const messagesWithMetadata = Effect.fn("Conversations.messagesWithMetadata")(
      (actor: Actor, id: ConversationId, window: OffsetLimit) =>
        Effect.flatMap(messagesWithMetadataRepo.page(actor, id, window), orNotFound),
    )

    /** Returns a message with attachments, edits and metadata; from a lane of the arena session, if given. */
    const message = Effect.fn("Conversations.message")(
      (actor: Actor, id: MessageId, arena?: ArenaSessionId) =>
        Effect.flatMap(messagesWithMetadataRepo.find(actor, id, arena), orMessageNotFound),
    )

    /** Lists all messages in the lanes of one of the actor's arena sessions, lane by lane. */
    const arenaMessages = Effect.fn("Conversations.arenaMessages")(messagesWithMetadataRepo.listByArena)

    const update = Effect.fn("Conversations.update")(
      (actor: Actor, id: ConversationId, change: ConversationChange) =>
        Effect.flatMap(conversations.update(actor, id, change), orNotFound),
    )

    /** Assigns an assistant to a conversation and returns it. Idempotent. */
    const assignAssistant = Effect.fnUntraced(function* (
      actor: Actor,
      id: ConversationId,
      assistantId: AssistantId,
    ) {
      const conversation = yield* get(actor, id)
      return conversation.assistantId === assistantId
        ? conversation
        : yield* update(actor, id, { assistantId })
    })

    /** Returns the id of the prompt of an answer, or undefined if it was deleted. */
    const promptOf = Effect.fn("Conversations.promptOf")(messagesWithMetadataRepo.promptOf)

    /** Archives a conversation, or restores it if it is archived. */
    const toggleArchived = Effect.fn("Conversations.toggleArchived")((actor: Actor, id: ConversationId) =>
      Effect.flatMap(conversations.toggleArchived(actor, id), orNotFound),
    )

    /** Deletes a conversation with its messages. */
    const remove = Effect.fn("Conversations.remove")(function* (actor: Actor, id: ConversationId) {
      const removed = yield* conversations.remove(actor, id)
      if (!removed) return yield* new ConversationNotFound()
    })

    /** Locks the conversation of a message against other writers until the transaction ends, and returns its id. */
    const lockConversationOf = (actor: Actor, id: MessageId) =>
      Effect.flatMap(edits.lockConversationOf(actor, id), orMessageNotFound)

    /** Deletes a message; those after it move up. */
    const removeMessage = Effect.fn("Conversations.removeMessage")(function* (actor: Actor, id: MessageId) {
      yield* lockConversationOf(actor, id)
      const removed = yield* edits.remove(actor, id)
      if (!removed) return yield* new MessageNotFound()
    }, transaction)

    /** Replaces the content of a prompt and records the old one in its edit history. */
    const editPrompt = Effect.fn("Conversations.editPrompt")(function* (
      actor: Actor,
      id: MessageId,
      content: string,
    ) {
      const edited = yield* edits.editPrompt(actor, id, content, yield* DateTime.nowAsDate)
      if (!edited) return yield* new MessageNotFound()
    })

    return {
      getOrCreateEmpty,
      list,
      get,
      messages: listMessages,
      create,
      page,
      searchTitles,
      searchMessages,
      messagesWithMetadata,
      message,
      arenaMessages,
      update,
      assignAssistant,
      promptOf,
      toggleArchived,
      remove,
      removeMessage,
      editPrompt,
      adminHistory: adminConversations.list,
      setTitleIfUnset: conversations.setTitleIfUnset,
      lockConversationOf,
      deleteMessageIfEmpty: edits.deleteIfEmpty,
    }
  }),
}) {}
