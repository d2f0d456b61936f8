import { Effect } from "effect"
import { Models } from "../../../domain/models/Models"
import type { Model } from "../../../domain/models/Models/Model"
import { defineResource } from "../../../http/Resource"
import { endpoints } from "./Endpoints"

/**
 * Converts a model into its body. Unknown prices and architecture become default texts, because front
 * ends read `pricing.prompt` of every model in the list: one model without it would break the whole page.
 */
const toBody = ({ pricing, architecture, ...model }: Model) => ({
  ...model,
  pricing: pricing ?? { prompt: "0", completion: "0" },
  isPriced: pricing !== null,
  architecture: {
    ...architecture,
    modality: architecture.modality ?? "text",
    tokenizer: architecture.tokenizer ?? "Other",
  },
})

export const models = defineResource({
  group: endpoints,
  prefixes: ["/api/models"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const models = yield* Models
      return handlers
        .handle("listModels", () =>
          Effect.map(models.list, (list) => ({ models: list.map(toBody), count: list.length })),
        )
        .handle("modelCategories", () =>
          Effect.map(models.categories, (categories) => ({ categories: Object.fromEntries(categories) })),
        )
        .handle("refreshModels", () =>
          Effect.map(models.refresh, (count) => ({ message: "Models cache refreshed", count })),
        )
        .handle("getModel", ({ path }) =>
          Effect.map(models.get(path.model_id), (model) => ({ model: toBody(model) })),
        )
    }),
})
