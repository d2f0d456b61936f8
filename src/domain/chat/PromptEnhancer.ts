import { Effect } from "effect"
import { describeFailure } from "../generation/Generations/Errors"
import { LanguageModel, type ModelError, ModelSaidNothing } from "../models/LanguageModel"
import type { TokenLimitReached } from "../operations/Usage/Errors"
import type { Actor } from "../shared/Actor"
import { AnswerFailed } from "./Chat/Errors"
import { Completions } from "./OneShotCompletions"
import { instructions, outputTokens, promptFrom } from "./PromptEnhancer/Rules"

const failed = (error: TokenLimitReached | ModelError) =>
  error._tag === "TokenLimitReached" ? error : new AnswerFailed(describeFailure(error))

/** Makes system prompts better, with the default model. */
export class PromptEnhancer extends Effect.Service<PromptEnhancer>()("PromptEnhancer", {
  effect: Effect.gen(function* () {
    const completions = yield* Completions
    const { defaultModel } = yield* LanguageModel

    /** A better prompt than this draft, for the same purpose, at the actor's expense. */
    const enhance = Effect.fn("PromptEnhancer.enhance")(function* (actor: Actor, draft: string) {
      const { text, reason, usage } = yield* completions.complete(actor, {
        model: defaultModel,
        turns: [
          { role: "system", content: instructions },
          { role: "user", content: draft },
        ],
        maxOutputTokens: outputTokens(draft),
      })
      const enhanced = promptFrom(text)
      return enhanced === "" ? yield* new ModelSaidNothing({ reason, usage }) : enhanced
    }, Effect.mapError(failed))

    return { enhance }
  }),
}) {}
