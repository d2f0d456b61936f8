import { Effect } from "effect"
import { Models } from "../../../domain/models/Models"
import { defineResource } from "../../../http/Resource"
import { endpoints } from "./Endpoints"

export const models = defineResource({
  group: endpoints,
  prefixes: ["/api/models"],
  handlers: (handlers) =>
    Effect.map(Models, (models) =>
      handlers
        .handle("listModels", () => models.list)
        .handle("modelCategories", () => models.categories)
        .handle("refreshModels", () => Effect.map(models.refresh, (count) => ({ count })))
        .handle("getModel", ({ path }) => models.get(path.model_id)),
    ),
})
