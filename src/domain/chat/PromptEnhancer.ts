import { Effect } from "effect"
import { describeFailure } from "../generation/Generations/Errors"
import { EmptyResponse, type ModelError } from "../models/LanguageModel"
import type { TokenLimitReached } from "../operations/Usage/Errors"
import type { Actor } from "../shared/Actor"
import { CurrentSettings } from "../shared/CurrentSettings"
import { GenerationFailed } from "./Chat/Errors"
import { Completions } from "./Completions"
import { instructions, maxOutputTokens, parsePrompt } from "./PromptEnhancer/Rules"

const toChatError = (error: TokenLimitReached | ModelError) =>
  error._tag === "TokenLimitReached" ? error : new GenerationFailed(describeFailure(error))

/** Improves system prompts with the default model. */
export class PromptEnhancer extends Effect.Service<PromptEnhancer>()("PromptEnhancer", {
  effect: Effect.gen(function* () {
    const completions = yield* Completions
    const settings = yield* CurrentSettings

    /** Returns an improved version of a draft with the same purpose. The tokens are charged to the actor. */
    const enhance = Effect.fn("PromptEnhancer.enhance")(function* (actor: Actor, draft: string) {
      const { text, reason, usage } = yield* completions.complete(actor, {
        model: settings.get().defaultModel,
        messages: [
          { role: "system", content: instructions },
          { role: "user", content: draft },
        ],
        maxOutputTokens: maxOutputTokens(draft),
      })
      const enhanced = parsePrompt(text)
      return enhanced === "" ? yield* new EmptyResponse({ reason, usage }) : enhanced
    }, Effect.mapError(toChatError))

    return { enhance }
  }),
}) {}
