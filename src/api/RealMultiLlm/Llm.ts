import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { AssistantId } from "../../domain/assistants/Assistants/Model"
import type { CompletionEvent } from "../../domain/chat/Completions/Model"
import { ProviderCompletions } from "../../domain/chat/ProviderCompletions"
import type { TokenUsage } from "../../domain/models/LanguageModel"
import { MAX_INT4 } from "../../domain/shared/ConfigHelpers"
import { MultilineText, SingleLineText } from "../../domain/shared/Text"
import { MaxBodySize, RateLimits } from "../../http/Annotations"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { Fields, optional } from "../../http/Fields"
import * as Ndjson from "../../http/Ndjson"
import { rateLimits } from "../../http/RateLimitPolicy"
import { defineResource } from "../../http/Resource"
import { errors } from "./Errors"
import { ProviderName, providerOf } from "./ProviderName"

/** Accommodates the text of the largest context windows. */
const MAX_CONVERSATION_BODY = 8 * 1024 * 1024

const Usage = Schema.Struct({
  promptTokens: Schema.Int,
  completionTokens: Schema.Int,
  totalTokens: Schema.Int,
}).annotations({
  identifier: "LlmUsage",
  ...example({ promptTokens: 10, completionTokens: 150, totalTokens: 160 }),
})

const toUsage = ({ promptTokens, completionTokens }: TokenUsage): typeof Usage.Type => ({
  promptTokens,
  completionTokens,
  totalTokens: promptTokens + completionTokens,
})

const requestExample = {
  provider: "openai",
  model: "gpt-4o",
  messages: [{ role: "user", content: "Explain quantum computing" }],
}

const Request = Fields({
  provider: ProviderName,
  model: optional(SingleLineText(1, 200)).annotations({
    description:
      "The provider's own name of the model; by default the one that the user configured, or the provider's",
  }),
  messages: Schema.Array(
    Schema.Struct({
      role: Schema.Literal("system", "user", "assistant").annotations({ description: "The author" }),
      content: Schema.propertySignature(MultilineText(1, 1_000_000)).annotations({
        description: "The text",
      }),
    }),
  )
    .pipe(Schema.minItems(1), Schema.maxItems(1000))
    .annotations({ description: "The conversation, sent in this order" }),
  temperature: optional(Schema.Number.pipe(Schema.between(0, 2))).annotations({
    description: "Sampling temperature",
  }),
  maxTokens: optional(Schema.Int.pipe(Schema.between(1, MAX_INT4))).annotations({
    description: "The maximum length of the answer, in tokens",
  }),
  personaId: optional(AssistantId).annotations({
    description: "A persona whose prompt comes before all messages",
  }),
}).annotations(example({ ...requestExample, temperature: 0.7, maxTokens: 500 }))

const ChatResponse = Schema.Struct({
  content: Schema.String,
  usage: Usage,
  model: Schema.String,
  provider: Schema.String,
}).annotations({
  identifier: "LlmChatResponse",
  description: "The answer",
  ...example({
    content: "Quantum computing is…",
    usage: { promptTokens: 10, completionTokens: 150, totalTokens: 160 },
    model: "gpt-4o",
    provider: "openai",
  }),
})

/** A line of a streamed answer. */
const LlmEvent = Schema.Union(
  Schema.Struct({ type: Schema.Literal("chunk"), content: Schema.String }),
  Schema.Struct({ type: Schema.Literal("done"), usage: Usage }),
  Schema.Struct({ type: Schema.Literal("error"), error: Schema.String, code: Schema.String }),
  Schema.Struct({ type: Schema.Literal("aborted") }),
).annotations({ identifier: "LlmEvent", ...example({ type: "chunk", content: "Quantum" }) })

const line = (event: typeof LlmEvent.Type) => `${JSON.stringify(event)}\n`

const toLine = (event: CompletionEvent): string => {
  switch (event.type) {
    case "text":
      return `{"type":"chunk","content":${JSON.stringify(event.text)}}\n`
    case "completed":
      return line({ type: "done", usage: toUsage(event.usage) })
    case "failed":
      return line({ type: "error", error: event.error.message, code: event.error.code })
  }
}

const aborted = line({ type: "aborted" })

const ModelList = Schema.Struct({
  provider: Schema.String,
  models: Schema.Array(Schema.Struct({ id: Schema.String, name: Schema.String, description: Schema.String })),
}).annotations({
  identifier: "LlmModels",
  description: "The provider's models",
  ...example({
    provider: "openai",
    models: [{ id: "gpt-4o", name: "GPT-4 Optimized", description: "Most capable GPT-4 model" }],
  }),
})

const endpoints = HttpApiGroup.make("llm")
  .add(
    HttpApiEndpoint.post("llmChat", "/api/llm/chat")
      .setPayload(Request)
      .addSuccess(ChatResponse)
      .addError(errors.CompletionRejected)
      .addError(errors.ProviderDisabled)
      .addError(errors.AssistantNotFound)
      .addError(errors.TokenLimitReached)
      .addError(errors.CompletionRateLimited)
      .addError(errors.CompletionUnavailable)
      .addError(errors.ApiKeyUnreadable)
      .annotate(MaxBodySize, MAX_CONVERSATION_BODY)
      .annotate(OpenApi.Summary, "Ask a model")
      .annotate(
        OpenApi.Description,
        "Returns a model's answer. Nothing is stored but the usage. A client that disconnects cancels the call.",
      ),
  )
  .add(
    HttpApiEndpoint.post("llmStream", "/api/llm/stream")
      .setPayload(Request)
      .addSuccess(Ndjson.lineStream("The answer, one JSON object a line, while it is generated", LlmEvent))
      .addError(errors.CompletionRejected)
      .addError(errors.ProviderDisabled)
      .addError(errors.AssistantNotFound)
      .addError(errors.TokenLimitReached)
      .addError(errors.CompletionRateLimited)
      .addError(errors.CompletionUnavailable)
      .addError(errors.ApiKeyUnreadable)
      .annotate(MaxBodySize, MAX_CONVERSATION_BODY)
      .annotate(OpenApi.Summary, "Ask a model and stream the answer")
      .annotate(
        OpenApi.Description,
        [
          "Streams the answer as newline-delimited JSON: `chunk` for each part of the text, then `done` with the usage. What fails before the first chunk is answered with a status; afterwards the last line is an `error`. `aborted` is the last line when the session ends, as by signing out.",
          "A client that disconnects cancels the call. Nothing is stored but the usage.",
        ].join("\n\n"),
      ),
  )
  .add(
    HttpApiEndpoint.get("llmModels", "/api/llm/models")
      .setUrlParams(Fields({ provider: ProviderName }).annotations(example({ provider: "openai" })))
      .addSuccess(ModelList)
      .addError(errors.ProviderDisabled)
      .addError(errors.CompletionUnavailable)
      .addError(errors.ModelsUnavailable)
      .addError(errors.ApiKeyUnreadable)
      .annotate(OpenApi.Summary, "List a provider's models")
      .annotate(OpenApi.Description, "Returns the models of a provider by the provider's own names."),
  )
  .middleware(Authenticated)
  .annotate(RateLimits, rateLimits.llm)
  .annotate(OpenApi.Title, "Models of providers")
  .annotate(OpenApi.Description, "Calls to models by provider, without conversations.")

/** Returns the domain's request for a body. */
const toRequest = ({ provider, maxTokens, ...request }: typeof Request.Type) => ({
  ...request,
  provider: providerOf(provider),
  ...(maxTokens === undefined ? {} : { maxOutputTokens: maxTokens }),
})

export const llm = defineResource({
  group: endpoints,
  prefixes: ["/api/llm"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const completions = yield* ProviderCompletions
      return handlers
        .handle(
          "llmChat",
          withActor((actor, { payload }) =>
            Effect.map(completions.complete(actor, toRequest(payload)), ({ text, usage, model }) => ({
              content: text,
              usage: toUsage(usage),
              model,
              provider: payload.provider,
            })),
          ),
        )
        .handle(
          "llmStream",
          withActor((actor, { payload }) =>
            Effect.flatMap(completions.stream(actor, toRequest(payload)), ({ open }) =>
              Ndjson.streamPullSource(open, toLine, { actor, aborted }),
            ),
          ),
        )
        .handle(
          "llmModels",
          withActor((actor, { urlParams: { provider } }) =>
            Effect.map(completions.listModels(actor, providerOf(provider)), (models) => ({
              provider,
              models,
            })),
          ),
        )
    }),
})
