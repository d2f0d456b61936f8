import { Effect, Option, Stream } from "effect"
import { Assistants } from "../assistants/Assistants"
import type { AssistantId } from "../assistants/Assistants/Model"
import { Conversations } from "../conversations/Conversations"
import { MessageNotFound } from "../conversations/Conversations/Errors"
import type { ConversationId, MessageId } from "../conversations/Conversations/Model"
import { Generation } from "../generation/Generations"
import { ShuttingDown } from "../generation/Generations/Errors"
import {
  type GenerationEvent,
  type Generation as Run,
  type Voice,
  voiceOf,
} from "../generation/Generations/Model"
import type { Actor } from "../shared/Actor"
import { Attachments } from "./Chat/Attachments"
import { AnswerFailed, WrongMessage } from "./Chat/Errors"
import type { NewAttachment } from "./Chat/Model"
import { Titles } from "./Titles"

/** A run that was begun, and its log from the first event on. */
interface Started {
  readonly run: Run
  readonly events: Stream.Stream<GenerationEvent>
}

/** Talking with assistants: prompts, their answers, and second thoughts about both. */
export class Chat extends Effect.Service<Chat>()("Chat", {
  dependencies: [Attachments.Default],
  scoped: Effect.gen(function* () {
    const scope = yield* Effect.scope
    const attachments = yield* Attachments
    const conversations = yield* Conversations
    const assistants = yield* Assistants
    const generation = yield* Generation
    const titles = yield* Titles

    /** How a run ended. */
    const ending = ({ events }: Started) =>
      Effect.map(Stream.runLast(events), (last) => Option.getOrUndefined(last))

    /** Names a conversation when its first answer is there; the title, if it got one. */
    const entitle = Effect.fnUntraced(function* (actor: Actor, started: Started, prompt: string) {
      yield* ending(started)
      const { conversationId, model, answerId } = started.run
      if (answerId === null) return undefined
      const answer = yield* Effect.option(conversations.message(actor, answerId))
      const said = Option.match(answer, { onNone: () => "", onSome: ({ content }) => content })
      return yield* titles.find(actor, { id: conversationId, model }, { prompt, answer: said })
    })

    /**
     * Says something to an assistant: in a conversation of the actor's, or in a new one. `titled`
     * is done when the conversation has its name, long after the answer; nobody has to wait for it.
     */
    const say = Effect.fn("Chat.say")(function* (
      actor: Actor,
      said: {
        readonly assistantId: AssistantId
        readonly conversationId?: ConversationId | undefined
        readonly content: string
        readonly attachments?: ReadonlyArray<NewAttachment>
      },
    ) {
      const assistant = yield* assistants.forUse(actor, said.assistantId)
      const { conversationId, content } = said
      const where =
        conversationId === undefined ? { conversation: { assistantId: assistant.id } } : { conversationId }
      const started = yield* attachments.with(actor, said.attachments ?? [], (attached) =>
        generation.start(actor, { content, attachments: attached, ...where }, voiceOf(assistant)),
      )
      const conversation = yield* conversations.adopt(actor, started.run.conversationId, assistant.id)
      const isFirst = conversation.messageCount <= 2 && !conversation.isTitled
      const titled = isFirst ? yield* Effect.forkIn(entitle(actor, started, content), scope) : undefined
      return { ...started, conversation, isNew: conversationId === undefined, titled }
    })

    /** Waits for an answer: the prompt and the answer, with all that is known of them. */
    const answered = Effect.fn("Chat.answered")(function* (actor: Actor, started: Started) {
      const end = yield* ending(started)
      if (end?.type === "failed") return yield* new AnswerFailed(end.error)
      const { promptId, answerId } = started.run
      const prompt = yield* Effect.option(conversations.message(actor, promptId))
      const answer =
        answerId === null ? Option.none() : yield* Effect.option(conversations.message(actor, answerId))
      if (Option.isSome(prompt) && Option.isSome(answer))
        return { prompt: prompt.value, answer: answer.value }
      if (end?.type === "interrupted") return yield* new ShuttingDown()
      return yield* new AnswerFailed({
        code: "GENERATION_STOPPED",
        message: "The answer was stopped before it said anything.",
      })
    })

    /** The voice that a conversation is held with: its assistant's, or whose last answer it had. */
    const voiceIn = Effect.fnUntraced(function* (actor: Actor, id: ConversationId, model?: string) {
      const { assistantId } = yield* Effect.mapError(
        conversations.get(actor, id),
        () => new MessageNotFound(),
      )
      const assistant =
        assistantId === null ? Option.none() : yield* Effect.option(assistants.forUse(actor, assistantId))
      const fallback: Voice = model === undefined ? {} : { model }
      return Option.match(assistant, { onNone: () => fallback, onSome: voiceOf })
    })

    /** Writes an answer again, to the prompt before it. What came after that prompt goes. */
    const regenerate = Effect.fn("Chat.regenerate")(function* (actor: Actor, id: MessageId) {
      const message = yield* conversations.message(actor, id)
      if (message.role !== "assistant") {
        return yield* new WrongMessage({ message: "Only an assistant's message can be regenerated." })
      }
      const promptId = yield* conversations.promptOf(actor, id)
      if (promptId === undefined) {
        return yield* new WrongMessage({
          message: "The prompt of this answer is gone: there is nothing to answer.",
        })
      }
      const voice = yield* voiceIn(actor, message.conversationId, message.metadata?.model)
      return yield* generation.startAgain(actor, { promptId }, voice)
    })

    const promptBy = Effect.fnUntraced(function* (actor: Actor, id: MessageId) {
      const message = yield* conversations.message(actor, id)
      if (message.role === "user") return message
      return yield* new WrongMessage({ message: "Only a user's message can be edited." })
    })

    /** Says a prompt in other words, and keeps how it was said before. */
    const edit = Effect.fn("Chat.edit")(function* (actor: Actor, id: MessageId, content: string) {
      yield* promptBy(actor, id)
      yield* conversations.reword(actor, id, content)
      return yield* conversations.message(actor, id)
    })

    /** The same, and has it answered again. What came after the prompt goes, and is counted in `removed`. */
    const editAndAnswer = Effect.fn("Chat.editAndAnswer")(function* (
      actor: Actor,
      id: MessageId,
      content: string,
    ) {
      const { conversationId } = yield* promptBy(actor, id)
      const voice = yield* voiceIn(actor, conversationId)
      return yield* generation.startAgain(actor, { promptId: id, content }, voice)
    })

    /** Takes a message away; if an answer to it or in it is being written, that stops. */
    const removeMessage = Effect.fn("Chat.removeMessage")(function* (actor: Actor, id: MessageId) {
      const { conversationId } = yield* conversations.message(actor, id)
      yield* generation.stopAll(actor, conversationId, id)
      yield* conversations.removeMessage(actor, id)
    })

    /** Takes a conversation away, with all that was said and is being said in it. */
    const removeConversation = Effect.fn("Chat.removeConversation")(function* (
      actor: Actor,
      id: ConversationId,
    ) {
      yield* generation.stopAll(actor, id)
      yield* conversations.remove(actor, id)
    })

    return { say, answered, regenerate, edit, editAndAnswer, removeMessage, removeConversation }
  }),
}) {}
