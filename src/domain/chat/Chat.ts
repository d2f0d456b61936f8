import { Effect, Exit, Option, Stream } from "effect"
import { Assistants } from "../assistants/Assistants"
import type { AssistantId } from "../assistants/Assistants/Model"
import { Conversations } from "../conversations/Conversations"
import { MessageNotFound } from "../conversations/Conversations/Errors"
import type {
  Attachment,
  Conversation,
  ConversationId,
  Message,
  MessageId,
  NewConversation,
} from "../conversations/Conversations/Model"
import { Files } from "../files/Files"
import { Generations } from "../generation/Generations"
import { ShuttingDown } from "../generation/Generations/Errors"
import {
  type Generation,
  type GenerationEvent,
  type GenerationOptions,
  optionsOf,
} from "../generation/Generations/Model"
import type { Actor } from "../shared/Actor"
import { ChangeFeed } from "../shared/ChangeFeed"
import { GenerationFailed, InvalidMessageRole } from "./Chat/Errors"
import { type NewAttachment, type NewMessage, storeAttachments } from "./Chat/storeAttachments"
import { Titles } from "./Titles"

/** A started generation and its events from the first one on. */
interface StartedGeneration {
  readonly generation: Generation
  readonly events: Stream.Stream<GenerationEvent>
}

/** Conversations with assistants: sends, edits and deletes prompts, and regenerates answers. */
export class Chat extends Effect.Service<Chat>()("Chat", {
  scoped: Effect.gen(function* () {
    const scope = yield* Effect.scope
    const files = yield* Files
    const conversations = yield* Conversations
    const assistants = yield* Assistants
    const generations = yield* Generations
    const titles = yield* Titles
    const feed = yield* ChangeFeed

    /** Tells those who see its conversation that a message changed. */
    const announce = (
      actor: Actor,
      action: "created" | "updated" | "deleted",
      { id, conversationId }: Pick<Message, "id" | "conversationId">,
    ) => feed.publishLater({ entity: "message", action, id, chatId: conversationId, userIds: [actor.userId] })

    /** Waits for the end of a generation and returns its last event. */
    const awaitTerminal = ({ events }: StartedGeneration) =>
      Effect.map(Stream.runLast(events), (last) => Option.getOrUndefined(last))

    /** Waits for the first answer of a conversation, then generates its title. Returns the title if one was set. */
    const generateTitle = Effect.fnUntraced(function* (
      actor: Actor,
      conversation: Conversation,
      started: StartedGeneration,
      prompt: string,
    ) {
      yield* awaitTerminal(started)
      const { model, answerId } = started.generation
      if (answerId === null) return undefined
      const answer = yield* Effect.option(conversations.message(actor, answerId))
      const content = Option.match(answer, { onNone: () => "", onSome: (message) => message.content })
      return yield* titles.generateTitle(actor, conversation, model, { prompt, answer: content })
    })

    /** Generates the title in the background, which ends well after the answer and need not be awaited. */
    const forkTitle = (...input: Parameters<typeof generateTitle>) =>
      Effect.forkIn(generateTitle(...input), scope)

    /**
     * Stores the new files among the attachments of a message and inserts the message. The files belong to
     * its conversation and are deleted with it; if the message cannot be inserted, at once.
     */
    const withAttachments = <A, E>(
      actor: Actor,
      inputs: ReadonlyArray<NewAttachment> = [],
      insert: (attachments: ReadonlyArray<Attachment>) => Effect.Effect<A, E>,
      conversationOf: (inserted: A) => ConversationId,
    ) =>
      Effect.acquireUseRelease(
        storeAttachments(files, actor, inputs),
        ({ attachments }) => insert(attachments),
        ({ newFiles }, exit) => {
          if (Exit.isFailure(exit)) return files.remove(actor, newFiles)
          if (newFiles.length === 0) return Effect.void
          return files.attachToConversation(actor, newFiles, conversationOf(exit.value))
        },
      )

    /** Inserts a prompt with its attachments and starts generating the answer. */
    const start = (
      actor: Actor,
      { content, attachments: inputs }: NewMessage,
      target: { readonly conversationId: ConversationId } | { readonly conversation: NewConversation },
      options: GenerationOptions,
    ) =>
      withAttachments(
        actor,
        inputs,
        (attachments) => generations.start(actor, { content, attachments, ...target }, options),
        ({ generation }) => generation.conversationId,
      )

    /**
     * Sends a message to an assistant, in a conversation of the actor's or in a new one, and starts
     * generating the answer. `titleFiber` generates the conversation's title, if it has none.
     */
    const sendMessage = Effect.fn("Chat.sendMessage")(function* (
      actor: Actor,
      input: NewMessage & {
        readonly assistantId: AssistantId
        readonly conversationId?: ConversationId | undefined
      },
    ) {
      const assistant = yield* assistants.getVisible(actor, input.assistantId)
      const { conversationId, content } = input
      const target =
        conversationId === undefined ? { conversation: { assistantId: assistant.id } } : { conversationId }
      const started = yield* start(actor, input, target, optionsOf(assistant))
      const conversation = yield* conversations.assignAssistant(
        actor,
        started.generation.conversationId,
        assistant.id,
      )
      const isFirst = conversation.messageCount <= 2 && !conversation.hasTitle
      const titleFiber = isFirst ? yield* forkTitle(actor, conversation, started, content) : undefined
      return { ...started, conversation, isNew: conversationId === undefined, titleFiber }
    })

    /** Waits for the end of a generation, and returns the prompt and the answer with their metadata. */
    const awaitAnswer = Effect.fn("Chat.awaitAnswer")(function* (actor: Actor, started: StartedGeneration) {
      const terminalEvent = yield* awaitTerminal(started)
      if (terminalEvent?.type === "failed") return yield* new GenerationFailed(terminalEvent.error)
      const { promptId, answerId } = started.generation
      const prompt = yield* Effect.option(conversations.message(actor, promptId))
      const answer =
        answerId === null ? Option.none() : yield* Effect.option(conversations.message(actor, answerId))
      if (Option.isSome(prompt) && Option.isSome(answer))
        return { prompt: prompt.value, answer: answer.value }
      if (terminalEvent?.type === "interrupted") return yield* new ShuttingDown()
      return yield* new GenerationFailed({
        code: "GENERATION_STOPPED",
        message: "The generation was stopped before it produced any text.",
      })
    })

    /** Returns the options of a conversation's assistant, or else those of the model that answered before. */
    const optionsFor = Effect.fnUntraced(function* (
      actor: Actor,
      { assistantId }: Conversation,
      model?: string,
    ) {
      const assistant =
        assistantId === null ? Option.none() : yield* Effect.option(assistants.getVisible(actor, assistantId))
      const fallback: GenerationOptions = model === undefined ? {} : { model }
      return Option.match(assistant, { onNone: () => fallback, onSome: optionsOf })
    })

    /**
     * Sends a prompt to the assistant of a conversation, or to this model instead of the assistant's, and
     * starts generating the answer. The first answer gives the conversation a title, if it has none.
     */
    const sendPrompt = Effect.fn("Chat.sendPrompt")(function* (
      actor: Actor,
      conversationId: ConversationId,
      input: NewMessage & { readonly model?: string | undefined },
    ) {
      const { content, model } = input
      const conversation = yield* conversations.getOwn(actor, conversationId)
      const options = yield* optionsFor(actor, conversation)
      const chosen = model === undefined ? options : { ...options, model }
      const started = yield* start(actor, input, { conversationId }, chosen)
      // A client may have stored an answer of its own first, such as a greeting.
      const isFirst = conversation.messageCount <= 1 && !conversation.hasTitle
      if (isFirst) yield* forkTitle(actor, conversation, started, content)
      return started
    })

    /** Stores an answer that the client brings itself, with its attachments. */
    const storeAnswer = Effect.fn("Chat.storeAnswer")(
      (actor: Actor, conversationId: ConversationId, { content, attachments: inputs }: NewMessage) =>
        withAttachments(
          actor,
          inputs,
          (attachments) =>
            Effect.tap(
              conversations.appendAnswer(actor, conversationId, { content, attachments }),
              (answer) => announce(actor, "created", answer),
            ),
          (answer) => answer.conversationId,
        ),
    )

    const getConversationOf = (actor: Actor, { conversationId }: Pick<Message, "conversationId">) =>
      Effect.mapError(conversations.getOwn(actor, conversationId), () => new MessageNotFound())

    /** Regenerates an answer. Deletes the messages after its prompt; `deletedCount` is their number. */
    const regenerate = Effect.fn("Chat.regenerate")(function* (actor: Actor, id: MessageId) {
      const message = yield* conversations.message(actor, id)
      if (message.role !== "assistant") {
        return yield* new InvalidMessageRole({ message: "Only an assistant's message can be regenerated." })
      }
      const promptId = yield* conversations.promptOf(actor, id)
      if (promptId === undefined) {
        return yield* new InvalidMessageRole({
          message: "The prompt of this answer was deleted, so the answer cannot be regenerated.",
        })
      }
      const conversation = yield* getConversationOf(actor, message)
      const options = yield* optionsFor(actor, conversation, message.metadata?.model)
      return yield* generations.regenerate(actor, { promptId }, options)
    })

    /** Returns a message, which must be of this conversation if one is given. */
    const getMessage = (actor: Actor, id: MessageId, conversationId?: ConversationId) =>
      Effect.filterOrFail(
        conversations.message(actor, id),
        (message) => conversationId === undefined || message.conversationId === conversationId.toLowerCase(),
        () => new MessageNotFound(),
      )

    const getPrompt = Effect.fnUntraced(function* (
      actor: Actor,
      id: MessageId,
      conversationId?: ConversationId,
    ) {
      const message = yield* getMessage(actor, id, conversationId)
      if (message.role === "user") return message
      return yield* new InvalidMessageRole({ message: "Only a user's message can be edited." })
    })

    /** Sets the assistant that answers in a conversation, or none, and counts its use. Idempotent. */
    const setAssistant = Effect.fn("Chat.setAssistant")(function* (
      actor: Actor,
      id: ConversationId,
      assistantId: AssistantId | null,
    ) {
      const previous = yield* conversations.getOwn(actor, id)
      if (assistantId === previous.assistantId) return previous
      if (assistantId !== null) {
        yield* assistants.getVisible(actor, assistantId)
        yield* assistants.countUse(assistantId)
      }
      return yield* conversations.update(actor, id, { assistantId })
    })

    /** Edits a prompt, of this conversation if one is given, and records its old content. */
    const edit = Effect.fn("Chat.edit")(function* (
      actor: Actor,
      id: MessageId,
      content: string,
      within?: ConversationId,
    ) {
      yield* getPrompt(actor, id, within)
      yield* conversations.editPrompt(actor, id, content)
      const message = yield* conversations.message(actor, id)
      yield* announce(actor, "updated", message)
      return message
    })

    /**
     * Edits a prompt, records its old content and regenerates its answer. Deletes the messages after the
     * prompt; `deletedCount` is their number.
     */
    const editAndRegenerate = Effect.fn("Chat.editAndRegenerate")(function* (
      actor: Actor,
      id: MessageId,
      content: string,
    ) {
      const conversation = yield* getConversationOf(actor, yield* getPrompt(actor, id))
      const options = yield* optionsFor(actor, conversation)
      return yield* generations.regenerate(actor, { promptId: id, content }, options)
    })

    /**
     * Deletes a message, of this conversation if one is given, and stops the generation whose prompt or
     * answer it is.
     */
    const removeMessage = Effect.fn("Chat.removeMessage")(function* (
      actor: Actor,
      id: MessageId,
      within?: ConversationId,
    ) {
      const { conversationId } = yield* getMessage(actor, id, within)
      yield* generations.stopForConversation(actor, conversationId, id)
      yield* conversations.removeMessage(actor, id)
      yield* announce(actor, "deleted", { id, conversationId })
    })

    /** Stops all generations in a conversation, and deletes it with its messages. */
    const removeConversation = Effect.fn("Chat.removeConversation")(function* (
      actor: Actor,
      id: ConversationId,
    ) {
      yield* generations.stopForConversation(actor, id)
      yield* conversations.remove(actor, id)
    })

    return {
      sendMessage,
      sendPrompt,
      storeAnswer,
      setAssistant,
      awaitAnswer,
      regenerate,
      edit,
      editAndRegenerate,
      removeMessage,
      removeConversation,
    }
  }),
}) {}
