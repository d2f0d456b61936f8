import { Effect } from "effect"
import { PromptTemplates } from "../../../domain/assistants/PromptTemplates"
import { CurrentActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { withMessage } from "../Body"
import { toOffsetLimit, toPageFields } from "../Paging"
import { endpoints } from "./Endpoints"

export const promptTemplates = defineResource({
  group: endpoints,
  prefixes: ["/api/prompt-templates"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const templates = yield* PromptTemplates
      return handlers
        .handle("listPromptTemplates", ({ urlParams }) =>
          Effect.map(templates.page(urlParams.category, toOffsetLimit(urlParams)), ({ items, total }) => ({
            templates: items,
            ...toPageFields(urlParams, total, items.length),
          })),
        )
        .handle("promptCategories", () => Effect.map(templates.categories, (categories) => ({ categories })))
        .handle("usePromptTemplate", ({ path }) => withMessage(templates.use(path.id), "Usage recorded"))
        .handle("createPromptTemplate", ({ payload }) =>
          Effect.gen(function* () {
            const template = yield* templates.create(yield* CurrentActor, payload)
            return { message: "Template created", template }
          }),
        )
        .handle("updatePromptTemplate", ({ path, payload }) =>
          Effect.gen(function* () {
            const template = yield* templates.update(yield* CurrentActor, path.id, payload)
            return { message: "Template updated", template }
          }),
        )
        .handle("deletePromptTemplate", ({ path }) =>
          withMessage(
            Effect.flatMap(CurrentActor, (actor) => templates.remove(actor, path.id)),
            "Template deleted",
          ),
        )
    }),
})
