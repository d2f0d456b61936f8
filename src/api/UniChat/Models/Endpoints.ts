import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import type { Model } from "../../../domain/models/Models/Model"
import { SplatParam } from "../../../http/Annotations"
import { Authenticated } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import { constant, encodeOnly, optional, renamed } from "../../../http/Fields"
import { body, bodyOf } from "../Body"
import { errors } from "../Errors"

const Tokens = Schema.Int.annotations({ description: "Tokens" })
const TokenPrice = Schema.String.annotations({ description: "USD per token, an exact decimal" })

const id = Schema.String.annotations({ description: "The id to request the model by: `provider/name`" })
const contextLength = renamed("context_length", Schema.NullOr(Tokens))

const UnitPrice = Schema.String.annotations({ description: "USD per unit, an exact decimal" })

const Pricing = Schema.Struct({
  prompt: TokenPrice,
  completion: TokenPrice,
  image: optional(UnitPrice),
  request: optional(UnitPrice),
}).annotations({
  description: "All `0` if the prices are unknown or vary, which `pricing_known` distinguishes from free",
})

const modelExample = {
  id: "openai/anthropic/claude-3-sonnet",
  name: "Claude 3 Sonnet",
  description: "Balance of intelligence and speed",
  context_length: 200_000,
  pricing: { prompt: "0.000003", completion: "0.000015" },
  pricing_known: true,
  top_provider: { max_completion_tokens: 4096 },
  architecture: { modality: "text", tokenizer: "Claude", instruct_type: "claude" },
  per_request_limits: { prompt_tokens: 100_000, completion_tokens: 4096 },
}

/**
 * A model. Unknown prices and architecture become default texts, because front ends read `pricing.prompt` of
 * every model in the list: one model without it would break the whole page.
 */
const ModelInfo = encodeOnly(
  Schema.Struct({
    id,
    name: Schema.String,
    description: Schema.String,
    contextLength,
    pricing: Pricing,
    isPriced: renamed(
      "pricing_known",
      Schema.Boolean.annotations({ description: "Whether the provider publishes prices" }),
    ),
    topProvider: renamed(
      "top_provider",
      Schema.Struct({ maxCompletionTokens: renamed("max_completion_tokens", Schema.NullOr(Tokens)) }),
    ),
    architecture: Schema.Struct({
      modality: Schema.String,
      tokenizer: Schema.String,
      instructType: renamed("instruct_type", Schema.NullOr(Schema.String)),
    }),
    perRequestLimits: renamed(
      "per_request_limits",
      Schema.NullOr(
        Schema.Struct({
          promptTokens: renamed("prompt_tokens", Schema.NullOr(Tokens)),
          completionTokens: renamed("completion_tokens", Schema.NullOr(Tokens)),
        }),
      ),
    ),
  }),
  ({ pricing, architecture, ...model }: Model) => ({
    ...model,
    pricing: pricing ?? { prompt: "0", completion: "0" },
    isPriced: pricing !== null,
    architecture: {
      ...architecture,
      modality: architecture.modality ?? "text",
      tokenizer: architecture.tokenizer ?? "Other",
    },
  }),
).annotations({ identifier: "ModelInfo", ...example(modelExample) })

const ModelName = Schema.Struct({ id, name: Schema.String, contextLength }).annotations({
  identifier: "ModelName",
  ...example({ id: modelExample.id, name: modelExample.name, context_length: 200_000 }),
})

const ModelsByVendor = encodeOnly(
  Schema.Record({ key: Schema.String, value: Schema.Array(ModelName) }),
  (categories: ReadonlyMap<string, ReadonlyArray<Model>>) => Object.fromEntries(categories),
).annotations(
  example({ openai: [{ id: modelExample.id, name: modelExample.name, context_length: 200_000 }] }),
)

const count = Schema.Int.annotations({ description: "Number of models", ...example(6) })

const ModelList = encodeOnly(
  body("All models", { models: Schema.Array(ModelInfo), count }),
  (models: ReadonlyArray<Model>) => ({ models, count: models.length }),
).annotations({ description: "All models" })

const path = "/api/models"
const modelId = HttpApiSchema.param(
  "model_id",
  Schema.String.annotations({
    description: "The model's id, with slashes written as `/` or `%2F`",
    ...example(modelExample.id),
  }),
)

export const endpoints = HttpApiGroup.make("models")
  .add(
    HttpApiEndpoint.get("listModels", path)
      .addSuccess(ModelList)
      .annotate(OpenApi.Summary, "List models")
      .annotate(
        OpenApi.Description,
        "Returns all models of the configured providers, from the cached lists.",
      ),
  )
  .add(
    HttpApiEndpoint.get("modelCategories", `${path}/categories`)
      .addSuccess(bodyOf("The models of each vendor", "categories", ModelsByVendor))
      .annotate(OpenApi.Summary, "List models by vendor")
      .annotate(OpenApi.Description, "Returns the models grouped by the part of their ids before the slash."),
  )
  .add(
    HttpApiEndpoint.post("refreshModels", `${path}/refresh`)
      .addSuccess(
        body("The number of models after the refresh", {
          message: constant("Models cache refreshed"),
          count,
        }),
      )
      .addError(errors.ModelsUnavailable)
      .annotate(OpenApi.Summary, "Refresh models")
      .annotate(
        OpenApi.Description,
        "Fetches the providers' model lists. A provider that does not respond keeps its previous list.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getModel")`/api/models/${modelId}`
      .addSuccess(bodyOf("The model", "model", ModelInfo))
      .addError(errors.ModelNotFound)
      .annotate(SplatParam, true)
      .annotate(OpenApi.Summary, "Get a model")
      .annotate(OpenApi.Description, "Returns one model by any id that requests accept for it."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Models and prices")
  .annotate(OpenApi.Description, "The available models and their prices.")
