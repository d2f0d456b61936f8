import { Effect } from "effect"
import type { Actor } from "../kernel/Actor"
import { AnswerFailed } from "./Chat/Errors"
import { Completions } from "./Completions"
import { describeFailure } from "./Generation/Errors"
import { LanguageModel } from "./LanguageModel"
import { instructions, outputTokens, promptFrom } from "./PromptEnhancer/Rules"

/** Makes system prompts better, with the default model. */
export class PromptEnhancer extends Effect.Service<PromptEnhancer>()("PromptEnhancer", {
  effect: Effect.gen(function* () {
    const completions = yield* Completions
    const { defaultModel } = yield* LanguageModel

    /** A better prompt than this draft, for the same purpose, at the actor's expense. */
    const enhance = Effect.fn("PromptEnhancer.enhance")(function* (actor: Actor, draft: string) {
      const { text } = yield* completions
        .complete(actor, {
          model: defaultModel,
          turns: [
            { role: "system", content: instructions },
            { role: "user", content: draft },
          ],
          maxOutputTokens: outputTokens(draft),
        })
        .pipe(
          Effect.mapError((error) =>
            error._tag === "TokenLimitReached" ? error : new AnswerFailed(describeFailure(error)),
          ),
        )
      const enhanced = promptFrom(text)
      if (enhanced !== "") return enhanced
      return yield* new AnswerFailed({
        code: "MODEL_SAID_NOTHING",
        message: "The model said nothing. Try again, or with another prompt.",
      })
    })

    return { enhance }
  }),
}) {}
