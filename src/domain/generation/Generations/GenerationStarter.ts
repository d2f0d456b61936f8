import { Effect } from "effect"
import { ConversationId, type ExchangeTarget, MessageId } from "../../conversations/Conversations/Model"
import { LanguageModel, type ModelMessage } from "../../models/LanguageModel"
import { TokenLimitReached } from "../../operations/Usage/Errors"
import type { Actor } from "../../shared/Actor"
import { IdGenerator } from "../../shared/Ids"
import { Node } from "../../shared/Node"
import { estimateTokens, tokensPerMessage } from "../../shared/TokenEstimate"
import { AttachmentLoader } from "./AttachmentLoader"
import { GenerationRunner } from "./GenerationRunner"
import { initialEvents } from "./initialEvents"
import {
  type BatchContext,
  type Generation,
  GenerationId,
  type GenerationOptions,
  GenerationSettings,
  type PromptInput,
} from "./Model"
import { GenerationTransitionsRepo } from "./TransitionsRepo"

/** Starts generations: stores the prompt and the running generation before the provider is called. */
export class GenerationStarter extends Effect.Service<GenerationStarter>()("GenerationStarter", {
  dependencies: [GenerationTransitionsRepo.Default, GenerationRunner.Default, AttachmentLoader.Default],
  effect: Effect.gen(function* () {
    const transitions = yield* GenerationTransitionsRepo
    const languageModel = yield* LanguageModel
    const attachmentLoader = yield* AttachmentLoader
    const node = yield* Node
    const settings = yield* GenerationSettings
    const runner = yield* GenerationRunner
    const ids = yield* IdGenerator

    /** Returns where the prompt is to be inserted, with new ids. */
    const resolveTarget = Effect.fnUntraced(function* (input: PromptInput) {
      const { content, attachments = [] } = input
      const prompt = { id: MessageId.make(yield* ids.generate), content, attachments }
      if ("conversationId" in input) {
        const { conversationId: id, arena } = input
        const target: ExchangeTarget = { _tag: "Append", id, arena, prompt }
        return target
      }
      const id = ConversationId.make(yield* ids.generate)
      const target: ExchangeTarget = { _tag: "NewConversation", id, conversation: input.conversation, prompt }
      return target
    })

    /**
     * Inserts prompt, empty answer, generation and token reservation in one transaction, or as part of
     * the caller's. Returns undefined when the target does not exist. Rejects with TokenLimitReached.
     * Run `launch` after the commit, never before: it starts the model call, which then continues
     * whether or not anyone subscribes.
     */
    const insert = Effect.fnUntraced(function* (
      actor: Actor,
      target: ExchangeTarget,
      options: GenerationOptions,
      { timestamp, countMessage }: BatchContext,
    ) {
      const {
        model = languageModel.defaultModel,
        system = "",
        maxOutputTokens: requestedTokens = Number.POSITIVE_INFINITY,
        ...sampling
      } = options
      const id = GenerationId.make(yield* ids.generate)
      const answerId = MessageId.make(yield* ids.generate)
      const systemTokens = system === "" ? 0 : estimateTokens(system) + tokensPerMessage
      const cappedTokens = Math.min(requestedTokens, settings.maxOutputTokens)
      const result = yield* transitions.start(actor, {
        call: { id, model, messages: countMessage ? 1 : 0 },
        target,
        answerId,
        budget: settings.contextTokens - systemTokens,
        systemTokens,
        maxOutputTokens: cappedTokens,
        owner: node.id,
        now: timestamp,
      })
      if (result === undefined) return undefined
      if (result.limited === null) return yield* new TokenLimitReached()
      const systemMessages: ReadonlyArray<ModelMessage> =
        system === "" ? [] : [{ role: "system", content: system }]
      const maxOutputTokens = result.limited ? cappedTokens : requestedTokens
      const request = {
        ...sampling,
        model,
        ...(maxOutputTokens === Number.POSITIVE_INFINITY ? {} : { maxOutputTokens }),
      }
      const launch = runner.start({
        id,
        model,
        answerId,
        promptTokens: result.tokens + systemTokens,
        initialEvents: initialEvents({ ...result, answerId, model }),
        execute: (buffer, onRequestSent) =>
          Effect.flatMap(attachmentLoader.withAttachments(actor, result.messages), (messages) => {
            onRequestSent()
            return languageModel.stream({ ...request, messages: [...systemMessages, ...messages] }, (text) =>
              buffer.append(text),
            )
          }),
      })
      const { conversationId, promptId, startedAt, content, deletedCount } = result
      const generation: Generation = {
        id,
        conversationId,
        promptId,
        answerId,
        model,
        state: "running",
        startedAt,
        endedAt: null,
      }
      return { generation, content, deletedCount, launch }
    })

    return { resolveTarget, insert }
  }),
}) {}
