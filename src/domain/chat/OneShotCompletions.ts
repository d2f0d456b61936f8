import { Cause, Effect, Exit, Option } from "effect"
import { LanguageModel, type ModelError, type ModelRequest, type TokenUsage } from "../models/LanguageModel"
import { Models } from "../models/Models"
import { Usage } from "../operations/Usage"
import type { Actor } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import { estimateTokens, tokensPerMessage } from "../shared/TokenEstimate"

/** Returns the usage to charge for a failed call with so many prompt tokens. */
const costOf = (cause: Cause.Cause<ModelError>, promptTokens: number): TokenUsage => {
  const promptOnly = { promptTokens, completionTokens: 0 }
  if (Cause.isInterrupted(cause)) return promptOnly
  const failure = Option.getOrUndefined(Cause.failureOption(cause))
  if (failure?._tag === "EmptyResponse") return failure.usage ?? promptOnly
  return { promptTokens: 0, completionTokens: 0 }
}

/** Model calls outside of conversations, charged to the user. */
export class OneShotCompletions extends Effect.Service<OneShotCompletions>()("OneShotCompletions", {
  effect: Effect.gen(function* () {
    const languageModel = yield* LanguageModel
    const models = yield* Models
    const usage = yield* Usage
    const ids = yield* IdGenerator

    /**
     * Returns a complete answer. Reserves the tokens before the call and settles them afterwards, as any
     * call does, but counts no message. A failure costs nothing, except an empty response, whose
     * reasoning is charged; interruption costs the prompt.
     */
    const complete = Effect.fn("OneShotCompletions.complete")(function* (
      actor: Actor,
      request: ModelRequest & { readonly maxOutputTokens: number },
    ) {
      const id = yield* ids.generate
      const promptTokens = request.messages.reduce(
        (sum, { content }) => sum + estimateTokens(content) + tokensPerMessage,
        0,
      )
      const tokens = promptTokens + request.maxOutputTokens
      return yield* Effect.acquireUseRelease(
        usage.reserve(actor, { id, model: request.model, tokens, messages: 0 }),
        () => languageModel.complete(request),
        (_, exit) => {
          const used = Exit.match(exit, {
            onSuccess: (completion) =>
              completion.usage ?? { promptTokens, completionTokens: estimateTokens(completion.text) },
            onFailure: (cause) => costOf(cause, promptTokens),
          })
          return usage.settle(id, used, models.priceOf(request.model))
        },
      )
    })

    return { complete }
  }),
}) {}
