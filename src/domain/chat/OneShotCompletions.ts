import { Cause, Effect, Exit, Option } from "effect"
import { LanguageModel, type ModelError, type ModelRequest, type TokenUsage } from "../models/LanguageModel"
import { Models } from "../models/Models"
import { Usage } from "../operations/Usage"
import type { Actor } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import { estimateTokens, tokensPerTurn } from "../shared/TokenEstimate"

/** What a failure costs that was asked so many tokens. */
const costOf = (cause: Cause.Cause<ModelError>, promptTokens: number): TokenUsage => {
  const asked = { promptTokens, completionTokens: 0 }
  if (Cause.isInterrupted(cause)) return asked
  const failure = Option.getOrUndefined(Cause.failureOption(cause))
  if (failure?._tag === "ModelSaidNothing") return failure.usage ?? asked
  return { promptTokens: 0, completionTokens: 0 }
}

/** What a model is asked beside conversations, at its user's expense. */
export class Completions extends Effect.Service<Completions>()("Completions", {
  effect: Effect.gen(function* () {
    const model = yield* LanguageModel
    const models = yield* Models
    const usage = yield* Usage
    const ids = yield* IdGenerator

    /**
     * The whole answer at once. Like any other call it is reserved before and settled after, but it
     * counts as no message of the user's. A failure costs nothing, unless the model thought and said
     * nothing; going away costs what was asked.
     */
    const complete = Effect.fn("Completions.complete")(function* (
      actor: Actor,
      request: ModelRequest & { readonly maxOutputTokens: number },
    ) {
      const id = yield* ids.generate
      const promptTokens = request.turns.reduce(
        (sum, { content }) => sum + estimateTokens(content) + tokensPerTurn,
        0,
      )
      const tokens = promptTokens + request.maxOutputTokens
      return yield* Effect.acquireUseRelease(
        usage.reserve(actor, { id, model: request.model, tokens, messages: 0 }),
        () => model.complete(request),
        (_, exit) => {
          const counted = Exit.match(exit, {
            onSuccess: (said) => said.usage ?? { promptTokens, completionTokens: estimateTokens(said.text) },
            onFailure: (cause) => costOf(cause, promptTokens),
          })
          return usage.settle(id, counted, models.priceOf(request.model))
        },
      )
    })

    return { complete }
  }),
}) {}
