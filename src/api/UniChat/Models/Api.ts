import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { HoldsSlashes } from "../../../http/Annotations"
import { named, optional } from "../../../http/Fields"
import { SignedIn } from "../Authentication"
import { answer } from "../Body"
import * as Errors from "../Errors"

const Tokens = Schema.Int.annotations({ description: "Tokens" })
const Price = Schema.String.annotations({ description: "USD per token, an exact decimal" })

const id = Schema.String.annotations({ description: "What it is asked for by: `provider/name`" })
const contextLength = named("context_length", Schema.NullOr(Tokens))

const Each = Schema.String.annotations({ description: "USD for each, an exact decimal" })

const Pricing = Schema.Struct({
  prompt: Price,
  completion: Price,
  image: optional(Each),
  request: optional(Each),
}).annotations({ description: "All `0` too where nobody tells, or it varies: see `pricing_known`" })

const Model = Schema.Struct({
  id,
  name: Schema.String,
  description: Schema.String,
  contextLength,
  pricing: Pricing,
  isPriced: named(
    "pricing_known",
    Schema.Boolean.annotations({ description: "Whether the provider tells its prices" }),
  ),
  topProvider: named(
    "top_provider",
    Schema.Struct({ maxCompletionTokens: named("max_completion_tokens", Schema.NullOr(Tokens)) }),
  ),
  architecture: Schema.Struct({
    modality: Schema.String,
    tokenizer: Schema.String,
    instructType: named("instruct_type", Schema.NullOr(Schema.String)),
  }),
  perRequestLimits: named(
    "per_request_limits",
    Schema.NullOr(
      Schema.Struct({
        promptTokens: named("prompt_tokens", Schema.NullOr(Tokens)),
        completionTokens: named("completion_tokens", Schema.NullOr(Tokens)),
      }),
    ),
  ),
}).annotations({ identifier: "Model" })

const ModelName = Schema.Struct({ id, name: Schema.String, contextLength }).annotations({
  identifier: "ModelName",
})

const count = Schema.Int.annotations({ description: "How many models there are" })

const path = "/api/models"
const modelId = HttpApiSchema.param(
  "model_id",
  Schema.String.annotations({ description: "The model's id, its slashes as they are or as %2F" }),
)

export const models = HttpApiGroup.make("models")
  .add(
    HttpApiEndpoint.get("listModels", path)
      .addSuccess(answer("All models", { models: Schema.Array(Model), count }))
      .annotate(OpenApi.Summary, "List models")
      .annotate(OpenApi.Description, "All models of the configured providers, as they were last told."),
  )
  .add(
    HttpApiEndpoint.get("modelCategories", `${path}/categories`)
      .addSuccess(
        answer("The models of each maker", {
          categories: Schema.Record({ key: Schema.String, value: Schema.Array(ModelName) }),
        }),
      )
      .annotate(OpenApi.Summary, "List models by maker")
      .annotate(OpenApi.Description, "The models by what stands before the slash of their ids."),
  )
  .add(
    HttpApiEndpoint.post("refreshModels", `${path}/refresh`)
      .addSuccess(answer("How many models there are now", { message: Schema.String, count }))
      .addError(Errors.CatalogueUnavailable)
      .annotate(OpenApi.Summary, "Refresh models")
      .annotate(
        OpenApi.Description,
        "Asks the providers for their models now. A provider that does not answer keeps those it had.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getModel")`/api/models/${modelId}`
      .addSuccess(answer("The model", { model: Model }))
      .addError(Errors.ModelNotFound)
      .annotate(HoldsSlashes, true)
      .annotate(OpenApi.Summary, "Get a model")
      .annotate(OpenApi.Description, "One model, by any id by which it can be asked for."),
  )
  .middleware(SignedIn)
  .annotate(OpenApi.Title, "Models and prices")
  .annotate(OpenApi.Description, "Which models answer here, and at what price.")
