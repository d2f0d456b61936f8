import { SqlClient } from "@effect/sql"
import { DateTime, Effect, type Option } from "effect"
import type { AssistantId } from "../assistants/Assistants/Model"
import type { Actor } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import type { OffsetLimit } from "../shared/Page"
import { withTransaction } from "../shared/Transaction"
import { History } from "./Conversations/AdminHistory"
import { EditsRepo } from "./Conversations/EditsRepo"
import { ConversationNotFound, MessageNotFound } from "./Conversations/Errors"
import { ExchangeRepo } from "./Conversations/ExchangeRepo"
import { ListRepo } from "./Conversations/ListRepo"
import { MessageDetailsRepo } from "./Conversations/MessageDetailsRepo"
import { MessagesRepo } from "./Conversations/MessagesRepo"
import {
  type ArenaSessionId,
  type Conversation,
  type ConversationChange,
  ConversationId,
  type MessageFilter,
  type MessageId,
  type NewConversation,
  untitled,
} from "./Conversations/Model"
import { ConversationsRepo } from "./Conversations/Repo"
import { SearchRepo } from "./Conversations/SearchRepo"

/** Conversations between a person and a model, and the messages in them. */
export class Conversations extends Effect.Service<Conversations>()("Conversations", {
  dependencies: [
    ConversationsRepo.Default,
    ListRepo.Default,
    SearchRepo.Default,
    MessagesRepo.Default,
    MessageDetailsRepo.Default,
    EditsRepo.Default,
    ExchangeRepo.Default,
    History.Default,
  ],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const conversations = yield* ConversationsRepo
    const lists = yield* ListRepo
    const search = yield* SearchRepo
    const messages = yield* MessagesRepo
    const messageDetails = yield* MessageDetailsRepo
    const edits = yield* EditsRepo
    const exchanges = yield* ExchangeRepo
    const history = yield* History
    const ids = yield* IdGenerator

    const orNotFound = <A>(found: Option.Option<A>) =>
      Effect.mapError(found, () => new ConversationNotFound())
    const orNoMessage = <A>(found: Option.Option<A>) => Effect.mapError(found, () => new MessageNotFound())

    const blank = Effect.fnUntraced(function* (actor: Actor, input: NewConversation) {
      const conversation: Conversation = {
        id: ConversationId.make(yield* ids.generate),
        userId: actor.userId,
        title: input.title ?? untitled,
        isTitled: input.title !== undefined,
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
     * A conversation with nothing said in it yet: the actor's existing one as it is, or else a
     * new one under this title. However many ask at once, they all get the same.
     */
    const openEmpty = Effect.fn("Conversations.openEmpty")(function* (actor: Actor, title?: string) {
      yield* conversations.lockEmpty(actor)
      const existing = yield* conversations.findEmpty(actor)
      if (existing._tag === "Some") return { conversation: existing.value, created: false }
      const conversation = yield* blank(actor, title === undefined ? {} : { title })
      yield* conversations.insert(conversation)
      return { conversation, created: true }
    }, transaction)

    /** All of the actor's conversations, newest first. */
    const list = Effect.fn("Conversations.list")(conversations.list)

    const get = Effect.fn("Conversations.get")((actor: Actor, id: ConversationId) =>
      Effect.flatMap(conversations.find(actor, id), orNotFound),
    )

    /** A page of a conversation's messages, oldest first, with how many match in all. */
    const listMessages = Effect.fn("Conversations.messages")(
      (
        actor: Actor,
        id: ConversationId,
        query: MessageFilter & { readonly page: number; readonly limit: number },
      ) => {
        const { page, limit, ...filter } = query
        const unfiltered = Object.values(filter).every((value) => value === undefined)
        const found = unfiltered
          ? messages.page(actor, id, { page, limit })
          : messages.filtered(actor, id, filter, { page, limit })
        return Effect.flatMap(found, orNotFound)
      },
    )

    /** A conversation, before anything is said in it. The title is the model's to find if none is given. */
    const create = Effect.fn("Conversations.create")(function* (actor: Actor, input: NewConversation) {
      const conversation = yield* blank(actor, input)
      yield* conversations.insert(conversation)
      return conversation
    })

    /** Part of the actor's conversations, as the filter says; pinned ones first. */
    const page = Effect.fn("Conversations.page")(lists.page)

    /** Part of the conversations with this text in their titles, the latest first. */
    const searchTitles = Effect.fn("Conversations.searchTitles")(lists.searchTitles)

    /** The messages with this text in them, wherever they were said, the latest first. */
    const searchMessages = Effect.fn("Conversations.searchMessages")(search.messages)

    /** Part of a conversation's messages with all that is known of them, oldest first. */
    const details = Effect.fn("Conversations.details")(
      (actor: Actor, id: ConversationId, window: OffsetLimit) =>
        Effect.flatMap(messageDetails.page(actor, id, window), orNotFound),
    )

    /** A message with all that is known of it; in a lane of this arena session, if one is named. */
    const message = Effect.fn("Conversations.message")(
      (actor: Actor, id: MessageId, arena?: ArenaSessionId) =>
        Effect.flatMap(messageDetails.find(actor, id, arena), orNoMessage),
    )

    /** All that was said in the lanes of an arena session of the actor's, lane by lane. */
    const saidInArena = Effect.fn("Conversations.saidInArena")(messageDetails.inArena)

    const change = Effect.fn("Conversations.change")(
      (actor: Actor, id: ConversationId, wanted: ConversationChange) =>
        Effect.flatMap(conversations.update(actor, id, wanted), orNotFound),
    )

    /** The conversation, from now on under this assistant. */
    const adopt = Effect.fnUntraced(function* (actor: Actor, id: ConversationId, assistantId: AssistantId) {
      const conversation = yield* get(actor, id)
      return conversation.assistantId === assistantId
        ? conversation
        : yield* change(actor, id, { assistantId })
    })

    /** The prompt that an answer belongs to, if it is still there. */
    const promptOf = Effect.fn("Conversations.promptOf")(messageDetails.promptOf)

    /** Puts a conversation away, or takes it out again. */
    const toggleArchived = Effect.fn("Conversations.toggleArchived")((actor: Actor, id: ConversationId) =>
      Effect.flatMap(conversations.toggleArchived(actor, id), orNotFound),
    )

    /** Takes a conversation away with all that was said in it. */
    const remove = Effect.fn("Conversations.remove")(function* (actor: Actor, id: ConversationId) {
      const removed = yield* conversations.remove(actor, id)
      if (!removed) return yield* new ConversationNotFound()
    })

    /** The conversation that a message is in; nobody else writes to it until the transaction ends. */
    const lockAround = (actor: Actor, id: MessageId) =>
      Effect.flatMap(edits.lockAround(actor, id), orNoMessage)

    /** Takes a message out of its conversation; those after it move up. */
    const removeMessage = Effect.fn("Conversations.removeMessage")(function* (actor: Actor, id: MessageId) {
      yield* lockAround(actor, id)
      const removed = yield* edits.remove(actor, id)
      if (!removed) return yield* new MessageNotFound()
    }, transaction)

    /** Says a prompt in other words, and keeps how it was said before. */
    const reword = Effect.fn("Conversations.reword")(function* (
      actor: Actor,
      id: MessageId,
      content: string,
    ) {
      const reworded = yield* edits.reword(actor, id, content, yield* DateTime.nowAsDate)
      if (!reworded) return yield* new MessageNotFound()
    })

    return {
      openEmpty,
      list,
      get,
      messages: listMessages,
      create,
      page,
      searchTitles,
      searchMessages,
      details,
      message,
      saidInArena,
      change,
      adopt,
      promptOf,
      toggleArchived,
      remove,
      removeMessage,
      reword,
      historyOf: history.of,
      entitle: conversations.entitle,
      extendAnswers: exchanges.extend,
      makeSearchable: exchanges.makeSearchable,
      lockAround,
      withdrawEmptyAnswer: edits.withdrawEmpty,
      /** Parts of statements that write elsewhere too. */
      parts: exchanges.parts,
    }
  }),
}) {}
