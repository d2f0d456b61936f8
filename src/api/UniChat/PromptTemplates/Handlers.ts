import { Effect } from "effect"
import { PromptTemplates } from "../../../domain/assistants/PromptTemplates"
import { withActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { paged } from "../Paging"
import { endpoints } from "./Endpoints"

export const promptTemplates = defineResource({
  group: endpoints,
  prefixes: ["/api/prompt-templates"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const templates = yield* PromptTemplates
      return handlers
        .handle("listPromptTemplates", ({ urlParams }) =>
          paged(urlParams, (range) => templates.page(urlParams.category, range)),
        )
        .handle("promptCategories", () => templates.categories)
        .handle("usePromptTemplate", ({ path }) => templates.use(path.id))
        .handle(
          "createPromptTemplate",
          withActor((actor, { payload }) =>
            Effect.map(templates.create(actor, payload), (template) => ({ template })),
          ),
        )
        .handle(
          "updatePromptTemplate",
          withActor((actor, { path, payload }) =>
            Effect.map(templates.update(actor, path.id, payload), (template) => ({ template })),
          ),
        )
        .handle(
          "deletePromptTemplate",
          withActor((actor, { path }) => templates.remove(actor, path.id)),
        )
    }),
})
