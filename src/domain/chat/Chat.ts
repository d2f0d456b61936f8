import { Effect, Exit, Option, Stream } from "effect"
import { Assistants } from "../assistants/Assistants"
import type { AssistantId } from "../assistants/Assistants/Model"
import { Conversations } from "../conversations/Conversations"
import { MessageNotFound } from "../conversations/Conversations/Errors"
import type { ConversationId, MessageId } from "../conversations/Conversations/Model"
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
import { GenerationFailed, InvalidMessageRole } from "./Chat/Errors"
import { type NewAttachment, storeAttachments } from "./Chat/storeAttachments"
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

    /** Waits for the end of a generation and returns its last event. */
    const awaitTerminal = ({ events }: StartedGeneration) =>
      Effect.map(Stream.runLast(events), (last) => Option.getOrUndefined(last))

    /** Waits for the first answer of a conversation, then generates its title. Returns the title if one was set. */
    const generateTitle = Effect.fnUntraced(function* (
      actor: Actor,
      started: StartedGeneration,
      prompt: string,
    ) {
      yield* awaitTerminal(started)
      const { conversationId, model, answerId } = started.generation
      if (answerId === null) return undefined
      const answer = yield* Effect.option(conversations.message(actor, answerId))
      const content = Option.match(answer, { onNone: () => "", onSome: (message) => message.content })
      return yield* titles.generateTitle(actor, { id: conversationId, model }, { prompt, answer: content })
    })

    /**
     * Sends a message to an assistant, in a conversation of the actor's or in a new one, and starts
     * generating the answer. `titleFiber` generates the conversation's title; it ends well after the
     * answer and need not be awaited.
     */
    const sendMessage = Effect.fn("Chat.sendMessage")(function* (
      actor: Actor,
      input: {
        readonly assistantId: AssistantId
        readonly conversationId?: ConversationId | undefined
        readonly content: string
        readonly attachments?: ReadonlyArray<NewAttachment>
      },
    ) {
      const assistant = yield* assistants.getVisible(actor, input.assistantId)
      const { conversationId, content } = input
      const target =
        conversationId === undefined ? { conversation: { assistantId: assistant.id } } : { conversationId }
      // New files belong to the conversation and are deleted with it; if the generation cannot start, at once.
      const started = yield* Effect.acquireUseRelease(
        storeAttachments(files, actor, input.attachments ?? []),
        ({ attachments }) =>
          generations.start(actor, { content, attachments, ...target }, optionsOf(assistant)),
        ({ newFiles }, exit) => {
          if (Exit.isFailure(exit)) return files.remove(actor, newFiles)
          if (newFiles.length === 0) return Effect.void
          return files.attachToConversation(actor, newFiles, exit.value.generation.conversationId)
        },
      )
      const conversation = yield* conversations.assignAssistant(
        actor,
        started.generation.conversationId,
        assistant.id,
      )
      const isFirst = conversation.messageCount <= 2 && !conversation.hasTitle
      const titleFiber = isFirst
        ? yield* Effect.forkIn(generateTitle(actor, started, content), scope)
        : undefined
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
    const optionsFor = Effect.fnUntraced(function* (actor: Actor, id: ConversationId, model?: string) {
      const { assistantId } = yield* Effect.mapError(
        conversations.get(actor, id),
        () => new MessageNotFound(),
      )
      const assistant =
        assistantId === null ? Option.none() : yield* Effect.option(assistants.getVisible(actor, assistantId))
      const fallback: GenerationOptions = model === undefined ? {} : { model }
      return Option.match(assistant, { onNone: () => fallback, onSome: optionsOf })
    })

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
      const options = yield* optionsFor(actor, message.conversationId, message.metadata?.model)
      return yield* generations.regenerate(actor, { promptId }, options)
    })

    const getPrompt = Effect.fnUntraced(function* (actor: Actor, id: MessageId) {
      const message = yield* conversations.message(actor, id)
      if (message.role === "user") return message
      return yield* new InvalidMessageRole({ message: "Only a user's message can be edited." })
    })

    /** Edits a prompt and records its old content. */
    const edit = Effect.fn("Chat.edit")(function* (actor: Actor, id: MessageId, content: string) {
      yield* getPrompt(actor, id)
      yield* conversations.editPrompt(actor, id, content)
      return yield* conversations.message(actor, id)
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
      const { conversationId } = yield* getPrompt(actor, id)
      const options = yield* optionsFor(actor, conversationId)
      return yield* generations.regenerate(actor, { promptId: id, content }, options)
    })

    /** Deletes a message, and stops the generation whose prompt or answer it is. */
    const removeMessage = Effect.fn("Chat.removeMessage")(function* (actor: Actor, id: MessageId) {
      const { conversationId } = yield* conversations.message(actor, id)
      yield* generations.stopForConversation(actor, conversationId, id)
      yield* conversations.removeMessage(actor, id)
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
      awaitAnswer,
      regenerate,
      edit,
      editAndRegenerate,
      removeMessage,
      removeConversation,
    }
  }),
}) {}
