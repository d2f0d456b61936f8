import { SqlClient } from "@effect/sql"
import { Clock, Effect, type Option } from "effect"
import type { Actor } from "../kernel/Actor"
import { Ids } from "../kernel/Ids"
import { inTransaction } from "../kernel/Transaction"
import { ConversationNotFound } from "./Conversations/Errors"
import { ExchangeRepo } from "./Conversations/ExchangeRepo"
import { MessagesRepo } from "./Conversations/MessagesRepo"
import {
  type Conversation,
  ConversationId,
  type Exchange,
  type Message,
  type MessageFilter,
  MessageId,
  untitled,
} from "./Conversations/Model"
import { ConversationsRepo } from "./Conversations/Repo"

/** Conversations between a person and a model, and the messages in them. */
export class Conversations extends Effect.Service<Conversations>()("Conversations", {
  dependencies: [ConversationsRepo.Default, MessagesRepo.Default, ExchangeRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = inTransaction(yield* SqlClient.SqlClient)
    const conversations = yield* ConversationsRepo
    const messages = yield* MessagesRepo
    const exchanges = yield* ExchangeRepo
    const ids = yield* Ids

    const now = Effect.map(Clock.currentTimeMillis, (millis) => new Date(millis))
    const orNotFound = <A>(found: Option.Option<A>) =>
      Effect.mapError(found, () => new ConversationNotFound())

    /**
     * A conversation with nothing said in it yet: the actor's existing one as it is, or else a
     * new one under this title. However many ask at once, they all get the same.
     */
    const openEmpty = Effect.fn("Conversations.openEmpty")(function* (actor: Actor, title = untitled) {
      yield* conversations.lockEmpty(actor)
      const existing = yield* conversations.findEmpty(actor)
      if (existing._tag === "Some") return { conversation: existing.value, created: false }
      const conversation: Conversation = {
        id: ConversationId.make(yield* ids.next),
        userId: actor.userId,
        title,
        createdAt: yield* now,
      }
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

    /** Adds a prompt and, after it, the empty answer that a run will fill. */
    const append = Effect.fn("Conversations.append")(function* (
      actor: Actor,
      conversationId: ConversationId,
      content: string,
    ) {
      const promptId = MessageId.make(yield* ids.next)
      const answerId = MessageId.make(yield* ids.next)
      const written = yield* Effect.flatMap(
        exchanges.append(actor, { conversationId, promptId, answerId, content, now: yield* now }),
        orNotFound,
      )
      const prompt: Message = {
        id: promptId,
        conversationId,
        role: "user",
        content,
        createdAt: written.promptAt,
      }
      const answer: Message = {
        id: answerId,
        conversationId,
        role: "assistant",
        content: "",
        createdAt: written.answerAt,
      }
      const exchange: Exchange = { prompt, answer, previousMessageId: written.previousMessageId }
      return exchange
    })

    return {
      openEmpty,
      list,
      get,
      messages: listMessages,
      append,
      extendAnswers: exchanges.extend,
      withdrawEmptyAnswer: exchanges.withdrawEmpty,
      /** Parts of statements that write elsewhere too. */
      parts: exchanges.parts,
    }
  }),
}) {}
