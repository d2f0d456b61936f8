import { SqlClient } from "@effect/sql"
import { DateTime, Effect, type Option } from "effect"
import type { AssistantId } from "../assistants/Assistants/Model"
import { Memberships } from "../identity/Memberships"
import type { ScopeId } from "../identity/Memberships/Model"
import type { Actor } from "../shared/Actor"
import { ChangeFeed } from "../shared/ChangeFeed"
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
  type Message,
  type MessageFilter,
  MessageId,
  type NewConversation,
  type NewMessage,
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
    const memberships = yield* Memberships
    const ids = yield* IdGenerator
    const feed = yield* ChangeFeed

    const orNotFound = <A>(row: Option.Option<A>) => Effect.mapError(row, () => new ConversationNotFound())
    const orMessageNotFound = <A>(row: Option.Option<A>) => Effect.mapError(row, () => new MessageNotFound())

    /** Tells the owner, and the members of its project, that a conversation changed. */
    const announce = (
      actor: Actor,
      action: "created" | "updated" | "deleted",
      { id, projectId }: Pick<Conversation, "id" | "projectId">,
    ) => feed.publishLater({ entity: "chat", action, id, userIds: [actor.userId], scopeId: projectId })

    /** Announces that the conversation that an operation returns was created or updated. */
    const announced =
      (actor: Actor, action: "created" | "updated") =>
      <E, R>(operation: Effect.Effect<Conversation, E, R>): Effect.Effect<Conversation, E, R> =>
        Effect.tap(operation, (conversation) => announce(actor, action, conversation))

    const newConversation = Effect.fnUntraced(function* (
      actor: Actor,
      input: NewConversation,
      projectId: ScopeId | null = null,
    ) {
      const createdAt = yield* DateTime.nowAsDate
      const conversation: Conversation = {
        id: ConversationId.make(yield* ids.generate),
        userId: actor.userId,
        title: input.title ?? defaultTitle,
        hasTitle: input.title !== undefined,
        assistantId: input.assistantId ?? null,
        folderId: input.folderId ?? null,
        projectId,
        tags: [],
        isPinned: false,
        isArchived: false,
        favoritedAt: null,
        messageCount: 0,
        lastMessageAt: null,
        inputTokens: 0,
        outputTokens: 0,
        createdAt,
        updatedAt: createdAt,
      }
      return conversation
    })

    /**
     * Returns the actor's existing conversation without messages unchanged, or else creates one with
     * this title. Concurrent calls all get the same one.
     */
    const getOrCreateEmpty = Effect.fn("Conversations.getOrCreateEmpty")(
      function* (actor: Actor, title?: string) {
        yield* conversations.lockEmptySlot(actor)
        const existing = yield* conversations.findEmpty(actor)
        if (existing._tag === "Some") return { conversation: existing.value, created: false }
        const conversation = yield* newConversation(actor, title === undefined ? {} : { title })
        yield* conversations.insert(conversation)
        return { conversation, created: true }
      },
      (operation, actor) =>
        Effect.tap(transaction(operation), ({ conversation, created }) =>
          created ? announce(actor, "created", conversation) : Effect.void,
        ),
    )

    /** Lists all of the actor's conversations, newest first. */
    const list = Effect.fn("Conversations.list")(conversations.list)

    /** Returns a conversation that the actor may read: their own, or one of a project they are a member of. */
    const get = Effect.fn("Conversations.get")((actor: Actor, id: ConversationId) =>
      Effect.flatMap(conversations.findReadable(actor, id), orNotFound),
    )

    /** Returns one of the actor's own conversations, which they may also write. */
    const getOwn = Effect.fn("Conversations.getOwn")((actor: Actor, id: ConversationId) =>
      Effect.flatMap(conversations.findOwn(actor, id), orNotFound),
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
      yield* announce(actor, "created", conversation)
      return conversation
    })

    /** Creates a conversation in a project, whose members may then read it. Requires permission to write there. */
    const createInProject = Effect.fn("Conversations.createInProject")(
      function* (actor: Actor, projectId: ScopeId, input: NewConversation) {
        const project = { kind: "project" as const, id: projectId }
        yield* memberships.authorize(actor, project, "write")
        const conversation = yield* newConversation(actor, input, projectId)
        yield* conversations.insert(conversation)
        return conversation
      },
      (operation, actor) => announced(actor, "created")(transaction(operation)),
    )

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
      function* (actor: Actor, id: ConversationId, change: ConversationChange) {
        return yield* Effect.flatMap(
          conversations.update(actor, id, change, yield* DateTime.nowAsDate),
          orNotFound,
        )
      },
      (operation, actor) => announced(actor, "updated")(operation),
    )

    /** Assigns an assistant to a conversation and returns it. Idempotent. */
    const assignAssistant = Effect.fnUntraced(function* (
      actor: Actor,
      id: ConversationId,
      assistantId: AssistantId,
    ) {
      const conversation = yield* getOwn(actor, id)
      return conversation.assistantId === assistantId
        ? conversation
        : yield* update(actor, id, { assistantId })
    })

    /** Returns the id of the prompt of an answer, or undefined if it was deleted. */
    const promptOf = Effect.fn("Conversations.promptOf")(messagesWithMetadataRepo.promptOf)

    /** Archives a conversation, or restores it if it is archived. */
    const toggleArchived = Effect.fn("Conversations.toggleArchived")((actor: Actor, id: ConversationId) =>
      announced(actor, "updated")(Effect.flatMap(conversations.toggleArchived(actor, id), orNotFound)),
    )

    /** Lists a range of the active conversations, most recently active first. */
    const recent = Effect.fn("Conversations.recent")(lists.listRecent)

    /** Lists a range of the conversations with messages, most recently active first. */
    const history = Effect.fn("Conversations.history")(lists.listHistory)

    const requireFound = (exists: boolean) => (exists ? Effect.void : new ConversationNotFound())

    /** Removes a conversation from the history until its next message. Idempotent. */
    const hide = Effect.fn("Conversations.hide")(function* (actor: Actor, id: ConversationId) {
      yield* Effect.flatMap(conversations.hide(actor, id, yield* DateTime.nowAsDate), requireFound)
    })

    /** Removes all conversations from the history, each until its next message. */
    const hideAll = Effect.fn("Conversations.hideAll")(function* (actor: Actor) {
      yield* conversations.hideAll(actor, yield* DateTime.nowAsDate)
    })

    /** Lists a range of the conversations in a project, most recently active first. Requires a member of it. */
    const listInProject = Effect.fn("Conversations.listInProject")(function* (
      actor: Actor,
      projectId: ScopeId,
      range: OffsetLimit,
    ) {
      yield* memberships.requireMember(actor, { kind: "project", id: projectId })
      return yield* lists.listInProject(projectId, range)
    })

    /** Lists a range of the favorites, last added first. */
    const favorites = Effect.fn("Conversations.favorites")(lists.listFavorites)

    /** Adds a conversation to the favorites and returns it. Idempotent: it stays at its place in the list. */
    const addFavorite = Effect.fn("Conversations.addFavorite")(
      function* (actor: Actor, id: ConversationId) {
        return yield* Effect.flatMap(
          conversations.addFavorite(actor, id, yield* DateTime.nowAsDate),
          orNotFound,
        )
      },
      (operation, actor) => announced(actor, "updated")(operation),
    )

    /** Removes a conversation from the favorites. Idempotent. */
    const removeFavorite = Effect.fn("Conversations.removeFavorite")((actor: Actor, id: ConversationId) =>
      Effect.flatMap(conversations.removeFavorite(actor, id), requireFound),
    )

    /** Deletes a conversation with its messages. */
    const remove = Effect.fn("Conversations.remove")(function* (actor: Actor, id: ConversationId) {
      const removed = yield* Effect.flatMap(conversations.remove(actor, id), orNotFound)
      yield* announce(actor, "deleted", removed)
    })

    /** Locks the conversation of a message against other writers until the transaction ends, and returns its id. */
    const lockConversationOf = (actor: Actor, id: MessageId) =>
      Effect.flatMap(edits.lockConversationOf(actor, id), orMessageNotFound)

    /** Appends an answer that the client brings itself, and returns it. */
    const appendAnswer = Effect.fn("Conversations.appendAnswer")(function* (
      actor: Actor,
      conversationId: ConversationId,
      input: Pick<NewMessage, "content" | "attachments">,
    ) {
      const id = MessageId.make(yield* ids.generate)
      const appended = edits.appendAnswer(actor, conversationId, { ...input, id }, yield* DateTime.nowAsDate)
      const place = yield* Effect.flatMap(appended, orNotFound)
      const message: Message = { id, ...place, role: "assistant", content: input.content }
      return message
    })

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
      getOwn,
      messages: listMessages,
      create,
      createInProject,
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
      recent,
      history,
      hide,
      hideAll,
      listInProject,
      favorites,
      addFavorite,
      removeFavorite,
      remove,
      appendAnswer,
      removeMessage,
      editPrompt,
      adminHistory: adminConversations.list,
      removeAllOf: conversations.removeAll,
      setTitleIfUnset: conversations.setTitleIfUnset,
      projectMemberIds: conversations.projectMemberIds,
      lockConversationOf,
      deleteMessageIfEmpty: edits.deleteIfEmpty,
    }
  }),
}) {}
