import { Duration, Effect } from "effect"
import type { Actor } from "../kernel/Actor"
import { Ids } from "../kernel/Ids"
import { estimateTokens } from "../kernel/TokenEstimate"
import { Usage } from "../operations/Usage"
import { Conversations } from "./Conversations"
import type { ConversationId } from "./Conversations/Model"
import { LanguageModel, type TokenUsage } from "./LanguageModel"
import { Models } from "./Models"
import { firstWords, instructions, mostTitleTokens, shorten, titleFrom } from "./Titles/Rules"

/** How long a model may think about a title. */
const patience = Duration.seconds(20)

/** Names for conversations whose users gave them none. */
export class Titles extends Effect.Service<Titles>()("Titles", {
  effect: Effect.gen(function* () {
    const conversations = yield* Conversations
    const model = yield* LanguageModel
    const models = yield* Models
    const usage = yield* Usage
    const ids = yield* Ids

    /** Asks the model, at its user's expense: like any other call, reserved before and settled after. */
    const ask = Effect.fnUntraced(function* (
      actor: Actor,
      modelId: string,
      first: { readonly prompt: string; readonly answer: string },
    ) {
      const turns = [
        { role: "system" as const, content: instructions },
        { role: "user" as const, content: `${shorten(first.prompt)}\n\n---\n\n${shorten(first.answer)}` },
      ]
      const estimate = turns.reduce((sum, { content }) => sum + estimateTokens(content), 0)
      const id = yield* ids.next
      const settle = (used: TokenUsage) => usage.settle(id, used, models.priceOf(modelId))
      yield* usage.reserve(actor, { id, model: modelId, tokens: estimate + mostTitleTokens, messages: 0 })
      return yield* model.complete({ model: modelId, turns, maxOutputTokens: mostTitleTokens }).pipe(
        Effect.timeoutFail({ duration: patience, onTimeout: () => "too late" as const }),
        Effect.tap(({ text, usage: used }) =>
          settle(used ?? { promptTokens: estimate, completionTokens: estimateTokens(text) }),
        ),
        Effect.onError(() => settle({ promptTokens: 0, completionTokens: 0 })),
      )
    })

    /**
     * Finds a title for a conversation by its first exchange, unless it has one that a person gave.
     * Where the model gives none, the prompt's first words do. The title, if it was taken.
     */
    const find = Effect.fn("Titles.find")(function* (
      actor: Actor,
      conversation: { readonly id: ConversationId; readonly model: string },
      first: { readonly prompt: string; readonly answer: string },
    ) {
      const given = yield* ask(actor, conversation.model, first).pipe(
        Effect.map(({ text }) => titleFrom(text)),
        Effect.orElseSucceed(() => undefined),
      )
      const title = given ?? firstWords(first.prompt)
      const taken = yield* conversations.entitle(conversation.id, title)
      return taken ? title : undefined
    })

    return { find }
  }),
}) {}
