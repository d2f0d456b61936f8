import { Effect } from "effect"
import { Assistants } from "../assistants/Assistants"
import type { ModelError, ModelMessage, ModelRequest } from "../models/LanguageModel"
import { ModelCatalog } from "../models/ModelCatalog"
import { Models } from "../models/Models"
import type { ProviderId } from "../models/ProviderAccount"
import { ProviderConfigs } from "../models/ProviderConfigs"
import type { TokenLimitReached } from "../operations/Usage/Errors"
import type { Actor } from "../shared/Actor"
import { Completions } from "./Completions"
import { CompletionRejected, CompletionUnavailable, toCompletionError } from "./ProviderCompletions/Errors"
import type { ProviderCompletion, ProviderRequest, ProviderStream } from "./ProviderCompletions/Model"

const toError = (error: ModelError | TokenLimitReached) =>
  error._tag === "TokenLimitReached" ? error : toCompletionError(error)

/**
 * Answers by the providers that clients name, as each user configured them: with the user's own account
 * where there is one, otherwise with the server's.
 */
export class ProviderCompletions extends Effect.Service<ProviderCompletions>()("ProviderCompletions", {
  effect: Effect.gen(function* () {
    const completions = yield* Completions
    const configs = yield* ProviderConfigs
    const assistants = yield* Assistants
    const models = yield* Models
    const catalog = yield* ModelCatalog
    const configured = new Set<ProviderId>([...catalog.providers.map(({ id }) => id), "demo"])

    /** Returns how to call a provider. Rejects when neither the server nor the actor has an account with it. */
    const select = Effect.fnUntraced(function* (actor: Actor, provider: ProviderId) {
      const selection = yield* configs.select(actor, provider)
      if (selection.account === undefined && !configured.has(provider)) {
        return yield* new CompletionUnavailable({
          code: "PROVIDER_NOT_CONFIGURED",
          message: "This server has no account with this provider. Configure your own API key for it.",
        })
      }
      return selection
    })

    /** Resolves the provider, the model and the persona of a request. */
    const prepare = Effect.fnUntraced(function* (actor: Actor, input: ProviderRequest) {
      const { provider, personaId, model: requestedModel, messages, ...parameters } = input
      const { account, defaultModel } = yield* select(actor, provider)
      const model =
        provider === "demo" ? "demo" : (requestedModel ?? defaultModel ?? catalog.defaultModelOf(provider))
      if (model === undefined) {
        return yield* new CompletionRejected({
          code: "MODEL_REQUIRED",
          message: "This provider has no default model. Name one.",
        })
      }
      const persona: ReadonlyArray<ModelMessage> =
        personaId === undefined
          ? []
          : [{ role: "system", content: (yield* assistants.getVisible(actor, personaId)).systemPrompt }]
      const request: ModelRequest = {
        ...parameters,
        model: account !== undefined || provider === "demo" ? model : `${provider}/${model}`,
        ...(account === undefined ? {} : { account }),
        messages: [...persona.filter(({ content }) => content !== ""), ...messages],
      }
      return { model, request }
    })

    /** Returns a complete answer. */
    const complete = Effect.fn("ProviderCompletions.complete")(function* (
      actor: Actor,
      input: ProviderRequest,
    ) {
      const { model, request } = yield* prepare(actor, input)
      const completion = yield* Effect.mapError(completions.complete(actor, request), toError)
      const result: ProviderCompletion = { ...completion, model }
      return result
    })

    /** Streams an answer. Returns once its first text has arrived; what fails before fails here. */
    const stream = Effect.fn("ProviderCompletions.stream")(function* (actor: Actor, input: ProviderRequest) {
      const { model, request } = yield* prepare(actor, input)
      const result: ProviderStream = {
        model,
        open: yield* Effect.mapError(completions.stream(actor, request), toError),
      }
      return result
    })

    /** Lists the models of a provider by their own names. */
    const listModels = Effect.fn("ProviderCompletions.listModels")(function* (
      actor: Actor,
      provider: ProviderId,
    ) {
      const { account } = yield* select(actor, provider)
      if (account === undefined) return yield* models.listOf(provider)
      return yield* catalog.listOfAccount(account).pipe(
        Effect.tapError(({ reason }) =>
          Effect.annotateLogs(Effect.logInfo("model listing failed"), { provider, reason }),
        ),
        Effect.mapError(
          () =>
            new CompletionUnavailable({
              code: "MODELS_UNAVAILABLE",
              message: "The provider did not list its models. Check your API key and base URL.",
            }),
        ),
      )
    })

    return { complete, stream, listModels }
  }),
}) {}
